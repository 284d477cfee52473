import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@asphalt/testing';
import { afterEach, beforeEach, expect, test, type TestContext } from 'vitest';
import { UploadsComponent } from '../src/uploads.ts';
import { serve, type Served } from './serve.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uploads-'));
});
afterEach(() => rm(folder, { recursive: true }));

function start(context: TestContext, options = {}, web = {}): Promise<Served> {
  const uploads = { folder, limit: '1MB', ...options };
  return serve(context, { uploads: UploadsComponent }, { uploads, web: { port: 0, ...web } });
}

/** Starts an upload that the test continues. */
function upload(url: string, name: string): ClientRequest {
  const outgoing = request(`${url}/files/${name}`, { method: 'PUT', agent: false });
  outgoing.on('error', () => undefined);
  return outgoing;
}

test('a file is received and returned', async (context) => {
  const { send } = await start(context);
  const content = Buffer.alloc(900_000, 'asphalt ');
  expect((await send('/files/road.txt', { method: 'PUT', body: content })).status).toBe(201);
  const response = await send('/files/road.txt');
  expect(response.headers.get('content-length')).toBe('900000');
  expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true);
});

test.for(['missing.txt', '.hidden', '..%2fsecret', 'a%2fb'])('the name %s is not found', async (name, context) => {
  const { send } = await start(context);
  expect((await send(`/files/${name}`)).status).toBe(404);
});

test('a file above the limit is refused, even if its length is not declared, and leaves nothing', async (context) => {
  const { send, url } = await start(context);
  expect((await send('/files/big', { method: 'PUT', body: Buffer.alloc(1_000_001) })).status).toBe(413);

  const outgoing = upload(url, 'big');
  for (let count = 0; count < 20; count += 1) outgoing.write(Buffer.alloc(100_000));
  const [response] = (await once(outgoing.end(), 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(413);
  expect(await readdir(folder)).toEqual([]);
});

test('a file is not visible before its upload is complete, and a client that leaves leaves nothing', async (context) => {
  const { app, send, url } = await start(context);
  const outgoing = upload(url, 'slow');
  outgoing.write('first half');
  await eventually(async () => expect(await readdir(folder)).toHaveLength(1));
  expect((await send('/files/slow')).status).toBe(404);

  outgoing.destroy();
  await eventually(async () => expect(await readdir(folder)).toEqual([]));
  expect(app.logs.filter(({ level }) => level === 'error')).toEqual([]);
});

test('uploads above the number are refused', async (context) => {
  const { send, url } = await start(context, { concurrency: 1 });
  const outgoing = upload(url, 'slow');
  outgoing.write('first half');
  await eventually(async () => expect(await readdir(folder)).toHaveLength(1));
  expect((await send('/files/other', { method: 'PUT', body: 'text' })).status).toBe(503);

  const [response] = (await once(outgoing.end(' second half'), 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(201);
  expect((await send('/files/other', { method: 'PUT', body: 'text' })).status).toBe(201);
  expect(await (await send('/files/slow')).text()).toBe('first half second half');
});

test('an upload that the end of the server cuts off leaves nothing', async (context) => {
  const { app, url } = await start(context, {}, { shutdownTimeout: '1ms' });
  upload(url, 'slow').write('first half');
  await eventually(async () => expect(await readdir(folder)).toHaveLength(1));
  await app.stop();
  await eventually(async () => expect(await readdir(folder)).toEqual([]));
});
