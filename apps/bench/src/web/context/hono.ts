import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { Visit } from './visit.ts';

const app = new Hono<{ Variables: { visit: Visit } }>();
app.use(async (c, next) => {
  const visit = new Visit(c.req.method);
  c.set('visit', visit);
  try {
    await next();
  } finally {
    visit.close();
  }
});
app.get('/', (c) => c.text(c.var.visit.greet()));

const overrideGlobalObjects = process.argv[2] === 'override';
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, overrideGlobalObjects }, ({ port }) =>
  console.log(`http://127.0.0.1:${port}`),
);
