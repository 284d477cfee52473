import { Context } from '@asphalt/core';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { recordingLogger, type LogLine } from '@asphalt/test-support';
import { HTTPException } from 'hono/http-exception';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { BodyLimitError, MalformedBodyError } from '../../src/errors.ts';
import { requestContext } from '../../src/request/request-scope.ts';
import { Requests } from '../../src/request/requests.ts';
import { ValidationError } from '../../src/validation/errors.ts';
import { validated } from '../../src/validation/validated.ts';
import { WebApp } from '../../src/web-app.ts';
import { serve } from '../serve.ts';
import { order, orderSchemas } from './schemas.ts';

function appWith(addRoutes: (app: WebApp) => void): { app: WebApp; lines: LogLine[] } {
  const { logger, lines } = recordingLogger();
  const app = new WebApp(new Requests(new Context('app'), logger, 4000), logger);
  addRoutes(app);
  return { app, lines };
}

const json = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

interface Invalid {
  readonly errors: ReadonlyArray<{ readonly in: string; readonly path: string; readonly message: string }>;
}

describe.each(Object.entries(orderSchemas))('with %s, a request', (_, schema) => {
  const routes = (app: WebApp): void => {
    app.post('/orders', validated('json', schema), (c) => c.json(c.req.valid('json')));
  };

  test('that matches reaches the handler with its values', async () => {
    const { app } = appWith(routes);
    const response = await app.request('/orders', json(order));
    expect([response.status, await response.json()]).toEqual([200, order]);
  });

  test('that does not match is a 400 with the path of each problem', async () => {
    const { app, lines } = appWith(routes);
    const body = {
      item: 'x',
      mail: 'hunter2-secret',
      lines: [{ count: 1 }, { count: 4_111_111_111 }],
      kind: 'hunter2',
    };
    const response = await app.request('/orders', json(body));
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const problem = (await response.json()) as Invalid;
    expect(problem).toMatchObject({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      detail: 'The json of the request has 4 problems',
      instance: '/orders',
    });
    expect(problem.errors.map(({ in: target, path }) => `${target} ${path}`).toSorted()).toEqual([
      'json item',
      'json kind',
      'json lines.1.count',
      'json mail',
    ]);
    expect(JSON.stringify(problem)).not.toMatch(/hunter2|4111/);
    expect(problem.errors.every(({ message }) => message.length > 5)).toBe(true);
    expect(lines).toEqual([]);
  });

  test('without a body is a 400', async () => {
    const { app } = appWith(routes);
    const response = await app.request('/orders', { method: 'POST' });
    expect(response.status).toBe(400);
    expect(((await response.json()) as Invalid).errors.length).toBeGreaterThan(0);
  });
});

describe('validated()', () => {
  test('validates query, path, headers, cookies and forms', async () => {
    const { app } = appWith((it) => {
      it.get(
        '/pages/:id',
        validated('param', z.object({ id: z.coerce.number().int() })),
        validated('query', z.object({ tag: z.array(z.string()).optional(), limit: z.coerce.number().default(10) })),
        validated('header', z.object({ 'x-kind': z.string() })),
        validated('cookie', z.object({ session: z.string() })),
        (c) =>
          c.json({
            ...c.req.valid('param'),
            ...c.req.valid('query'),
            ...c.req.valid('cookie'),
            kind: c.req.valid('header')['x-kind'],
          }),
      );
      it.post('/form', validated('form', z.object({ name: z.string() })), (c) => c.json(c.req.valid('form')));
    });
    const headers = { 'x-kind': 'own', cookie: 'session=s1' };
    const response = await app.request('/pages/7?tag=a&tag=b', { headers });
    expect(await response.json()).toEqual({ id: 7, tag: ['a', 'b'], limit: 10, session: 's1', kind: 'own' });
    const invalid = (await (await app.request('/pages/seven', { headers })).json()) as Invalid;
    expect(invalid.errors).toMatchObject([{ in: 'param', path: 'id' }]);
    const form = await app.request('/form', { method: 'POST', body: new URLSearchParams({ name: 'Ann' }) });
    expect(await form.json()).toEqual({ name: 'Ann' });
  });

  test('ends the context of the request with the error, and an onError of yours receives it', async () => {
    const ends: unknown[] = [];
    const { app } = appWith((it) => {
      it.use((c, next) => {
        requestContext(c).onTeardown((error) => void ends.push(error));
        return next();
      });
      it.post('/orders', validated('json', orderSchemas.zod), (c) => c.text('never'));
      it.onError((error, c) => c.json(error.cause instanceof ValidationError && error.cause.issues, 422));
    });
    const response = await app.request('/orders', json({ ...order, item: 7 }));
    expect([response.status, await response.json()]).toEqual([
      422,
      [{ path: 'item', message: 'Invalid input: expected string, received number' }],
    ]);
    expect(ends).toMatchObject([{ status: 400, cause: { code: 'ERR_WEB_VALIDATION', target: 'json', count: 1 } }]);
  });

  test('keeps cookies and headers that a middleware has set, once', async () => {
    const { app } = appWith((it) => {
      it.use((c, next) => {
        c.header('set-cookie', 'a=1', { append: true });
        return next();
      });
      it.get('/', validated('query', z.object({ page: z.string() })), (c) => c.text('never'));
    });
    expect((await app.request('/')).headers.getSetCookie()).toEqual(['a=1']);
  });

  test('reports at most 20 problems, and counts the others', async () => {
    const { app } = appWith((it) => {
      it.post('/', validated('json', z.array(z.string())), (c) => c.text('never'));
    });
    const response = await app.request('/', json(Array.from({ length: 50 }, (_, index) => index)));
    const problem = (await response.json()) as Invalid & { detail: string };
    expect([problem.errors.length, problem.detail]).toEqual([20, 'The json of the request has 50 problems']);
  });

  test('refuses a body of another type', async () => {
    const { app } = appWith((it) => {
      it.post('/json', validated('json', z.object({ name: z.string().optional() })), (c) => c.text('never'));
      it.post('/form', validated('form', z.object({ name: z.string().optional() })), (c) => c.text('never'));
    });
    const asText = await app.request('/json', { method: 'POST', body: '{"name":"Ann"}' });
    expect([asText.status, await asText.text()]).toEqual([415, 'Expected a body of type application/json']);
    expect((await app.request('/form', json({ name: 'Ann' }))).status).toBe(415);
    const own = {
      ...json({ name: 'Ann' }),
      headers: { 'content-type': 'application/merge-patch+json; charset=utf-8' },
    };
    expect(await (await app.request('/json', own)).text()).toBe('never');
  });

  test('reports a malformed body as such', async () => {
    const causes: unknown[] = [];
    const { app } = appWith((it) => {
      it.post('/json', validated('json', orderSchemas.zod), (c) => c.text('never'));
      it.post('/form', validated('form', orderSchemas.zod), (c) => c.text('never'));
      it.onError((error, c) => {
        causes.push(error.cause);
        return (error as HTTPException).getResponse() ?? c.text('failed', 500);
      });
    });
    expect((await app.request('/json', json('{"item": "hunter2'))).status).toBe(400);
    const multipart = {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: 'hunter2',
    };
    expect((await app.request('/form', multipart)).status).toBe(400);
    expect(causes.every((cause) => cause instanceof MalformedBodyError)).toBe(true);
    expect(causes).toHaveLength(2);
  });

  test('leaves errors of later handlers and of the schema as they are', async () => {
    const failure = new HTTPException(400, { message: 'own' });
    const failing: StandardSchemaV1 = {
      '~standard': { version: 1, vendor: 'own', validate: () => Promise.reject(new Error('database')) },
    };
    const { app, lines } = appWith((it) => {
      it.post('/', validated('json', z.looseObject({})), () => {
        throw failure;
      });
      it.get('/', validated('query', failing), (c) => c.text('never'));
    });
    const response = await app.request('/', json({}));
    expect([response.status, await response.text()]).toEqual([400, 'own']);
    expect((await app.request('/')).status).toBe(500);
    expect(lines).toMatchObject([{ error: { message: 'database' } }]);
  });

  test('a body above its limit is a 413, although hono reports it as malformed', async () => {
    const ends: unknown[] = [];
    const { url } = await serve(
      (app) => {
        app.post('/', validated('json', z.object({ name: z.string() })), (c) => c.text('never'));
        app.post('/form', validated('form', z.object({ name: z.string() })), (c) => c.text('never'));
        app.onError((error) => {
          ends.push(error.cause);
          return (error as HTTPException).getResponse();
        });
      },
      undefined,
      { bodyLimit: 10 },
    );
    // A body of unknown length is refused only while it is read.
    const body = (): ReadableStream => new Blob([JSON.stringify({ name: 'x'.repeat(100) })]).stream();
    const init = { method: 'POST', duplex: 'half', body: body() };
    expect((await fetch(url, { ...init, headers: { 'content-type': 'application/json' } } as RequestInit)).status).toBe(
      413,
    );
    const form = { ...init, body: body(), headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    expect((await fetch(`${url}/form`, form as RequestInit)).status).toBe(413);
    expect(ends.map((cause) => cause instanceof BodyLimitError)).toEqual([true, true]);
  });
});
