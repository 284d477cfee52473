import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planApplication } from '@asphalt/core/inspect';
import { RejectedDelivery } from '@asphalt/integration';
import { eventually, testApplication, type TestApplication } from '@asphalt/testing';
import { afterEach, beforeEach, expect, test, type TestContext } from 'vitest';
import { App } from '../src/app.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inbox-'));
});
afterEach(() => rm(folder, { recursive: true }));

function startWith(context: TestContext): Promise<TestApplication> {
  return testApplication(context, App, { config: { components: { inbox: { folder, every: '10ms' } } } });
}

test('the application can start', async () => {
  const { problems } = await planApplication(App, { config: { components: { inbox: { folder } } } });
  expect(problems).toEqual([]);
});

test('each file is handled and deleted', async (context) => {
  await writeFile(join(folder, 'early.txt'), 'before the start');
  const application = await startWith(context);
  await writeFile(join(folder, 'late.txt'), 'while it runs');

  await eventually(async () => expect(await readdir(folder)).toEqual(['failed']));

  const messages = application.logs.map(({ message }) => message);
  expect(messages.sort()).toEqual(['early.txt: 3 words', 'late.txt: 3 words']);
});

test('a file that is not a text is kept in the folder `failed` and reported', async (context) => {
  await writeFile(join(folder, 'photo.jpg'), 'ab\0c');
  const application = await startWith(context);

  await eventually(() => application.takeFailure(RejectedDelivery));

  expect(await readdir(join(folder, 'failed'))).toEqual(['photo.jpg']);
});

test('the application is healthy', async (context) => {
  const application = await startWith(context);
  expect(await application.health()).toMatchObject({ status: 'up' });
});
