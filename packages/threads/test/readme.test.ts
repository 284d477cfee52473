/** The README is true: its code is that of files beside this one, and does what it says. */
import { readFileSync } from 'node:fs';
import { startApplication, type Logger } from '@asphalt/core';
import { afterAll, expect, test } from 'vitest';
import { Accounts } from './example/accounts.ts';
import { askedBy, found, inRows, inTime, moved, threads } from './example/gallery.ts';
import { hash } from './example/passwords.ts';
import { PictureError } from './example/picture-error.ts';
import { failureOf } from './use-pool.ts';

afterAll(() => threads.close());

test('the code stands in the files that are run here', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const blocks = Array.from(readme.matchAll(/^```ts\n(?:\/\/ [^\n]*\n)?(.*?)^```$/gms), ([, code]) => code!.trim());
  expect(blocks.length).toBe(readme.split('```ts\n').length - 1);
  const files = ['passwords', 'accounts', 'images', 'gallery'].map((name) =>
    readFileSync(new URL(`./example/${name}.ts`, import.meta.url), 'utf8'),
  );
  for (const block of blocks) expect(files.filter((file) => file.includes(block))).toHaveLength(1);
});

test('a component has passwords hashed in a thread', async () => {
  const lines: string[] = [];
  const log = (text: string): void => void lines.push(text);
  const logger: Logger = { debug: log, info: log, warn: log, error: log, child: () => logger };
  const application = await startApplication(Accounts, { logger });
  await application.stop();
  expect(lines).toContain(hash('secret'));
});

test('a call has a limit and can be aborted', async () => {
  expect(await inTime(new AbortController().signal)).toEqual(Uint8Array.of(255, 0));
  expect(await failureOf(() => inTime(AbortSignal.abort('not wanted')))).toBe('not wanted');
});

test('a function that is given a signal ends by itself', async () => {
  const abort = new AbortController();
  const ended = failureOf(() => found(abort.signal));
  abort.abort('enough');
  expect(await ended).toBe('enough');
});

test('rows come one after the other, and what is moved is gone', async () => {
  expect(await inRows(Uint8Array.of(1, 2, 3, 4, 5))).toEqual(['1 2', '3 4', '5']);
  const pixels = Uint8Array.of(5);
  expect(await moved(pixels)).toEqual(Uint8Array.of(250));
  expect(pixels).toHaveLength(0);
});

test('an error of a class that is named is an instance of it', async () => {
  expect(await failureOf(() => moved(new Uint8Array(0)))).toBeInstanceOf(PictureError);
});

test('a function knows the name of the context for which it was called', async () => {
  expect(await askedBy({ name: 'request 42' })).toBe('request 42');
});
