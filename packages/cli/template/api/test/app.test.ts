import { planApplication } from '@asphalt/core/inspect';
import { testApplication } from '@asphalt/testing';
import { WebApp } from '@asphalt/web';
import { expect, test, type TestContext } from 'vitest';
import { App } from '../src/app.ts';

/** Starts the application and returns a function that sends a request to it. */
async function start(
  context: TestContext,
  notes = {},
): Promise<(method: string, path: string, body?: object) => Promise<Response>> {
  const application = await testApplication(context, App, { config: { components: { notes, web: { port: 0 } } } });
  const { url } = application.context.getResourceSync(WebApp);
  return (method, path, body) => {
    const content = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    return fetch(new URL(path, url), { method, ...content });
  };
}

test('the application can start', async () => {
  const { problems } = await planApplication(App);
  expect(problems).toEqual([]);
});

test('a note that was added can be listed, read and deleted', async (context) => {
  const send = await start(context);

  const added = await send('POST', '/notes', { title: 'Milk', text: 'two liters' });
  const path = added.headers.get('location')!;
  expect(added.status).toBe(201);
  expect(await (await send('GET', '/notes')).json()).toMatchObject([{ title: 'Milk' }]);
  expect(await (await send('GET', path)).json()).toMatchObject({ title: 'Milk', text: 'two liters' });

  expect((await send('DELETE', path)).status).toBe(204);
  expect((await send('GET', path)).status).toBe(404);
});

test('a body that is no note is refused', async (context) => {
  const send = await start(context);
  const refused = await send('POST', '/notes', { title: '', text: 'no title' });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ errors: [{ in: 'json', path: 'title' }] });
  expect(await (await send('GET', '/notes')).json()).toEqual([]);
});

test('the application is degraded while it has no room for a note', async (context) => {
  const send = await start(context, { limit: 1 });
  await send('POST', '/notes', { title: 'Milk', text: '' });
  expect((await send('POST', '/notes', { title: 'Eggs', text: '' })).status).toBe(507);
  expect(await (await send('GET', '/readyz')).json()).toMatchObject({ status: 'degraded' });
});
