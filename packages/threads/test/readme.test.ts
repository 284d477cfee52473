/** Checks the README: its code blocks are parts of the files in `example/`, and they behave as described. */
import { readFileSync } from 'node:fs';
import { startApplication, type Logger } from '@asphalt/core';
import { failureOf } from '@asphalt/test-support';
import { afterAll, expect, test } from 'vitest';
import { Accounts } from './example/accounts.ts';
import { askedBy, found, inRows, inTime, moved, threads } from './example/gallery.ts';
import { hash } from './example/passwords.ts';
import { PictureError } from './example/picture-error.ts';

afterAll(() => threads.close());

test('each code block of the README is in one example file', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const blocks = Array.from(readme.matchAll(/^```ts\n(?:\/\/ [^\n]*\n)?(.*?)^```$/gms), ([, code]) => code!.trim());
  expect(blocks.length).toBe(readme.split('```ts\n').length - 1);
  const files = ['passwords', 'accounts', 'images', 'gallery'].map((name) =>
    readFileSync(new URL(`./example/${name}.ts`, import.meta.url), 'utf8'),
  );
  for (const block of blocks) expect(files.filter((file) => file.includes(block))).toHaveLength(1);
});

test('the component of the README hashes a password in a thread', async () => {
  const lines: string[] = [];
  const log = (text: string): void => void lines.push(text);
  const logger: Logger = { debug: log, info: log, warn: log, error: log, child: () => logger };
  const application = await startApplication(Accounts, { logger });
  await application.stop();
  expect(lines).toContain(hash('secret'));
});

test('the call with a time limit returns its result and can be aborted', async () => {
  expect(await inTime(new AbortController().signal)).toEqual(Uint8Array.of(255, 0));
  expect(await failureOf(() => inTime(AbortSignal.abort('not wanted')))).toBe('not wanted');
});

test('the function with a signal ends when the signal fires', async () => {
  const abort = new AbortController();
  const ended = failureOf(() => found(abort.signal));
  abort.abort('enough');
  expect(await ended).toBe('enough');
});

test('the generator streams rows, and a moved buffer is detached', async () => {
  expect(await inRows(Uint8Array.of(1, 2, 3, 4, 5))).toEqual(['1 2', '3 4', '5']);
  const pixels = Uint8Array.of(5);
  expect(await moved(pixels)).toEqual(Uint8Array.of(250));
  expect(pixels).toHaveLength(0);
});

test('an error of a named class is an instance of it', async () => {
  expect(await failureOf(() => moved(new Uint8Array(0)))).toBeInstanceOf(PictureError);
});

test("the function reads the name of its caller's context", async () => {
  expect(await askedBy({ name: 'request 42' })).toBe('request 42');
});
