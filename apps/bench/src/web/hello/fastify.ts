import { fastify } from 'fastify';

const app = fastify();
app.get('/', async () => 'hello');

console.log(await app.listen({ host: '127.0.0.1', port: 0 }));
