import { Component, component, inject, startApplication } from '@asphalt/core';
import { HTTPException } from 'hono/http-exception';
import { cors } from 'hono/cors';
import { expect, onTestFinished, test } from 'vitest';
import { problem } from '../src/request/problem.ts';
import { requestContext } from '../src/request/request-scope.ts';
import { WebApp } from '../src/web-app.ts';
import { WebComponent } from '../src/web-component.ts';
import { raw } from './raw-request.ts';

async function start(addRoutes: (app: WebApp) => void, web: object = {}): Promise<string> {
  @component({ components: { web: WebComponent } })
  class Site extends Component {
    @inject(WebApp) readonly web!: WebApp;

    override start(): void {
      addRoutes(this.web);
    }
  }
  const config = { components: { web: { port: 0, errors: 'problem', ...web } } };
  const app = await startApplication(Site, { config });
  onTestFinished(() => app.stop());
  return app.context.getResourceSync(WebApp).url!;
}

async function problemOf(response: Response): Promise<Record<string, unknown>> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const body = (await response.json()) as Record<string, unknown>;
  expect(body).toMatchObject({ type: 'about:blank', status: response.status });
  return body;
}

test('a request without a route is a problem with path and id', async () => {
  const url = await start(() => {});
  const response = await fetch(`${url}/nowhere?token=secret`);
  expect(await problemOf(response)).toEqual({
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    instance: '/nowhere',
    requestId: response.headers.get('x-request-id'),
  });
});

test('an error of a handler or a teardown is a problem without its message', async () => {
  const url = await start((app) => {
    app.get('/failing', () => {
      throw new Error('secret table missing');
    });
    app.get('/uncommitted', (c) => {
      requestContext(c).onTeardown(() => Promise.reject(new Error('the secret disk is full')));
      return c.text('saved');
    });
  });
  for (const path of ['/failing', '/uncommitted']) {
    const body = await problemOf(await fetch(url + path));
    expect(body).toMatchObject({ title: 'Internal Server Error', status: 500, instance: path });
    expect(JSON.stringify(body)).not.toContain('secret');
  }
});

test('an HTTPException is a problem with its text, unless it has a response', async () => {
  const url = await start((app) => {
    app.get('/taken', () => {
      throw new HTTPException(409, { message: 'The name is taken' });
    });
    app.get('/bare', () => {
      throw new HTTPException(403);
    });
    app.get('/own', () => {
      throw new HTTPException(418, { res: new Response('own', { headers: { 'x-kind': 'own' } }) });
    });
  });
  expect(await problemOf(await fetch(`${url}/taken`))).toMatchObject({
    title: 'Conflict',
    detail: 'The name is taken',
  });
  expect(await problemOf(await fetch(`${url}/bare`))).not.toHaveProperty('detail');
  const own = await fetch(`${url}/own`);
  expect([own.status, own.headers.get('x-kind'), await own.text()]).toEqual([418, 'own', 'own']);
});

test('requests that are refused before the handlers are problems', async () => {
  const url = await start((app) => app.post('/', async (c) => c.json(await c.req.json())), { bodyLimit: 10 });
  const post = (body: string): Promise<Response> => fetch(url, { method: 'POST', body });
  expect(await problemOf(await post('much too long'))).toMatchObject({ title: 'Payload Too Large' });
  expect(await problemOf(await post('{'))).toMatchObject({ title: 'Bad Request' });
  for (const [head, status] of [
    ['GET /a?b HTTP/1.1\r\nHost: evil.example', 421],
    ['GET /\\ HTTP/1.1\r\nHost: localhost', 400],
  ] as const) {
    const response = await raw(url, head);
    expect(response.head).toContain('content-type: application/problem+json');
    expect(JSON.parse(response.body)).toMatchObject({ type: 'about:blank', status });
  }
});

test('an onError that fails is a problem, too', async () => {
  const url = await start((app) => {
    app.notFound(() => {
      throw new Error('cannot draw');
    });
    app.onError((error) => {
      throw error;
    });
  });
  expect(await problemOf(await fetch(`${url}/nowhere`))).toMatchObject({ status: 500, instance: '/nowhere' });
});

test('a problem keeps headers that a middleware has set, and HEAD receives no body', async () => {
  const url = await start((app) => app.use(cors({ origin: 'https://example.org' })));
  const response = await fetch(`${url}/nowhere`, { headers: { origin: 'https://example.org' } });
  expect(response.headers.get('access-control-allow-origin')).toBe('https://example.org');
  const head = await fetch(`${url}/nowhere`, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([
    404,
    'application/problem+json',
    '',
  ]);
});

test('problem() creates one with members of its own', async () => {
  const url = await start(
    (app) => {
      app.get('/', (c) =>
        problem(c, { status: 402, type: 'https://example.org/credit', title: 'No credit', balance: 3 }),
      );
    },
    { errors: 'text', requestId: '' },
  );
  const response = await fetch(url);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect([response.status, await response.json()]).toEqual([
    402,
    { type: 'https://example.org/credit', title: 'No credit', status: 402, instance: '/', balance: 3 },
  ]);
});

test('by default, responses to errors are text', async () => {
  const url = await start(() => {}, { errors: undefined });
  const response = await fetch(url);
  expect(response.headers.get('content-type')).toBe('text/plain; charset=UTF-8');
});
