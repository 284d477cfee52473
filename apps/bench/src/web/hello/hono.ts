import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const app = new Hono();
app.get('/', (c) => c.text('hello'));

const overrideGlobalObjects = process.argv[2] === 'override';
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, overrideGlobalObjects }, ({ port }) =>
  console.log(`http://127.0.0.1:${port}`),
);
