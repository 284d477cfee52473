import { hc } from 'hono/client';
import { Hono } from 'hono';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { needs } from '../../src/routes/needs.ts';
import { validated } from '../../src/validation/validated.ts';
import type { WebApp } from '../../src/web-app.ts';
import type { WebEnv } from '../../src/web-env.ts';
import { orderSchemas } from './schemas.ts';

declare const web: WebApp;
class Orders {
  readonly count = 1;
}

interface Order {
  item: string;
  mail: string;
  lines: { count: number }[];
  kind?: 'gift' | 'own' | undefined;
}

test('handlers receive the output of schemas of three libraries', () => {
  web.post('/zod', validated('json', orderSchemas.zod), (c) => {
    expectTypeOf(c.req.valid('json')).toExtend<Order>();
    // @ts-expect-error the query is not validated
    c.req.valid('query');
    return c.json({});
  });

  web.post('/valibot', validated('json', orderSchemas.valibot), (c) => {
    expectTypeOf(c.req.valid('json')).toExtend<Order>();
    return c.json({});
  });

  web.post('/arktype', validated('json', orderSchemas.arktype), (c) => {
    expectTypeOf(c.req.valid('json')).toExtend<Order>();
    return c.json({});
  });
});

test('several parts of a request are typed, beside the needs of the route', () => {
  web.get(
    '/pages/:id',
    validated('param', z.object({ id: z.coerce.number() })),
    validated('query', z.object({ limit: z.coerce.number().default(10) })),
    needs({ orders: Orders }),
    (c) => {
      expectTypeOf(c.req.valid('param')).toEqualTypeOf<{ id: number }>();
      expectTypeOf(c.req.valid('query')).toEqualTypeOf<{ limit: number }>();
      expectTypeOf(c.var.orders).toEqualTypeOf<Orders>();
      expectTypeOf(c.req.param('id')).toEqualTypeOf<string>();
      return c.json({});
    },
  );
});

test('a part that does not exist, and a value that is no schema, are errors', () => {
  // @ts-expect-error no such part of a request
  validated('body', z.object({}));
  // @ts-expect-error not a schema
  validated('json', {});
});

test("hono's client knows the input of a schema", () => {
  const routes = new Hono<WebEnv>().post('/orders', validated('json', z.object({ item: z.string() })), (c) =>
    c.json({ saved: c.req.valid('json').item }),
  );
  const client = hc<typeof routes>('http://localhost');
  expectTypeOf(client.orders.$post).parameter(0).toEqualTypeOf<{ json: { item: string } }>();
  // @ts-expect-error the item is missing
  void client.orders.$post({ json: {} });
});
