import { Context } from '@asphalt/core';
import { recordingLogger } from '@asphalt/test-support';
import { Hono } from 'hono';
import { describeRoute, resolver } from 'hono-openapi';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Requests } from '../../src/request/requests.ts';
import { openApi } from '../../src/validation/openapi.ts';
import { validated } from '../../src/validation/validated.ts';
import { WebApp } from '../../src/web-app.ts';
import type { WebEnv } from '../../src/web-env.ts';
import { orderSchemas } from './schemas.ts';

interface Operation {
  readonly parameters?: ReadonlyArray<{ in: string; name: string; required?: boolean }>;
  readonly requestBody?: { content: Readonly<Record<string, { schema: object }>> };
  readonly responses: Readonly<Record<string, { content: Readonly<Record<string, { schema: object }>> }>>;
}

interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, object>> };
}

async function documentOf(addRoutes: (app: WebApp) => void, seals = true): Promise<Document> {
  const { logger } = recordingLogger();
  const app = new WebApp(new Requests(new Context('app'), logger, 4000), logger);
  addRoutes(app);
  app.get('/openapi.json', openApi(app, { info: { title: 'Orders', version: '1.0.0' } }));
  if (seals) app.seal();
  const response = await app.request('/openapi.json');
  expect(response.status).toBe(200);
  return (await response.json()) as Document;
}

describe('the OpenAPI document', () => {
  test.each(Object.entries(orderSchemas))('contains bodies of %s', async (_, schema) => {
    const { openapi, info, paths } = await documentOf((app) => {
      app.post('/orders', validated('json', schema), (c) => c.text('saved'));
    });
    expect([openapi, info.title]).toEqual(['3.1.0', 'Orders']);
    expect(Object.keys(paths)).toEqual(['/orders']);
    const operation = paths['/orders']!['post']!;
    expect(operation.requestBody!.content['application/json']!.schema).toMatchObject({
      type: 'object',
      properties: { item: { type: 'string', minLength: 2 }, lines: { type: 'array', minItems: 1 } },
      required: expect.arrayContaining(['item', 'mail', 'lines']) as string[],
    });
    expect(operation.responses['400']!.content['application/problem+json']!.schema).toMatchObject({
      properties: { errors: { type: 'array' } },
    });
  });

  test('contains parameters, and the types of bodies that a route names', async () => {
    const { paths } = await documentOf((app) => {
      app.put(
        '/pages/:id',
        validated('param', z.object({ id: z.coerce.number() })),
        validated('query', z.object({ draft: z.string().optional() })),
        validated('json', z.object({ title: z.string() }), { media: 'application/merge-patch+json' }),
        (c) => c.text('saved'),
      );
    });
    const { parameters, requestBody } = paths['/pages/{id}']!['put']!;
    expect(parameters).toMatchObject([
      { in: 'path', name: 'id', required: true },
      { in: 'query', name: 'draft' },
    ]);
    expect(Object.keys(requestBody!.content)).toEqual(['application/merge-patch+json']);
  });

  test('contains routes below a path, of other applications and of stages, whatever their order', async () => {
    const schema = z.object({ page: z.string() });
    const { paths } = await documentOf((app) => {
      app.get('/*', (c) => c.text('any'));
      app.basePath('/admin').get('/users', validated('query', schema), (c) => c.text('users'));
      app.stage(1).get('/late', validated('query', schema), (c) => c.text('late'));
      const api = new Hono<WebEnv>().get('/items/:id', validated('query', schema), (c) => c.text('items'));
      // hono wraps the handlers of an application that has an error handler of its own.
      api.onError((_, c) => c.text('own', 500));
      app.route('/api', api);
    });
    expect(Object.keys(paths).toSorted()).toEqual(['/admin/users', '/api/items/{id}', '/late']);
  });

  test('contains responses and shared schemas of described routes', async () => {
    const User = z.object({ name: z.string() }).meta({ id: 'User' });
    const { paths, components } = await documentOf((app) => {
      app.get(
        '/users/:id',
        describeRoute({
          summary: 'Read a user',
          responses: {
            200: { description: 'A user', content: { 'application/json': { schema: resolver(User) } } },
          },
        }),
        (c) => c.json({ name: 'Ann' }),
      );
      app.get('/hidden', describeRoute({ hide: true }), (c) => c.text('hidden'));
    });
    expect(paths['/users/{id}']!['get']).toMatchObject({
      summary: 'Read a user',
      responses: { 200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/User' } } } } },
    });
    expect(components!.schemas!['User']).toMatchObject({ type: 'object', properties: { name: { type: 'string' } } });
    expect(paths['/hidden']?.['get']).toBeUndefined();
  });
});
