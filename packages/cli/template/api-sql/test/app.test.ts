import { planApplication } from '@asphalt/core/inspect';
import { testApplication } from '@asphalt/testing';
import { WebApp } from '@asphalt/web';
import { expect, test, type TestContext } from 'vitest';
import { App } from '../src/app.ts';

/** Each test has the database of its application, whose changes are rolled back. */
const config = { components: { sql: { migrations: './migrations', rollback: true }, web: { port: 0 } } };

/** Starts the application and returns a function that sends a request to it. */
async function start(
  context: TestContext,
): Promise<(method: string, path: string, body?: object) => Promise<Response>> {
  const application = await testApplication(context, App, { config });
  const { url } = application.context.getResourceSync(WebApp);
  return (method, path, body) => {
    const content = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    return fetch(new URL(path, url), { method, ...content });
  };
}

test('the application can start', async () => {
  const { problems } = await planApplication(App, { config });
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

test('the next application finds no notes of another test', async (context) => {
  const send = await start(context);
  expect(await (await send('GET', '/notes')).json()).toEqual([]);
});

test('a body that is no note is refused', async (context) => {
  const send = await start(context);
  const refused = await send('POST', '/notes', { title: '', text: 'no title' });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ errors: [{ in: 'json', path: 'title' }] });
  expect(await (await send('GET', '/notes')).json()).toEqual([]);
});

test('the application is ready', async (context) => {
  const send = await start(context);
  expect(await (await send('GET', '/readyz')).json()).toMatchObject({ status: 'up' });
});
