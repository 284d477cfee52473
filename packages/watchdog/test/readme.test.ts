/** The README is true: its code is that of a file beside this one, and does what it says. */
import { readFileSync } from 'node:fs';
import { Component, component, type Logger } from '@asphalt/core';
import { expect, test } from 'vitest';
import { watchedRun } from './example/report.ts';
import { nextLook } from './next-look.ts';

test('the code stands in the file that it is said to be of', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const excerpts = [...readme.matchAll(/^```ts\n\/\/ ([\w-]+\.ts)[^\n]*\n(.*?)^```$/gms)];
  expect(excerpts.map(([, file]) => file)).toEqual(['report.ts']);
  for (const [, file, code] of excerpts)
    expect(readFileSync(new URL(`./example/${file}`, import.meta.url), 'utf8')).toContain(code!.trim());
});

test('a program of its own is told of delays, on its log and by a signal', async () => {
  @component()
  class App extends Component {}
  const lines: string[] = [];
  const log = (text: string): void => void lines.push(text);
  const logger: Logger = { debug: log, info: log, warn: log, error: log, child: () => logger };
  const told = await watchedRun(App, logger, function crunch() {
    const look = nextLook();
    while (!look.hasBeen && Date.now() < look.latest);
    // Past the limit, from where it was looked at before it.
    for (const end = Date.now() + 300; Date.now() < end;);
  });
  expect(told).toMatchObject([{ cause: 'code', count: 1, place: { function: 'crunch' } }]);
  expect(lines.at(-1)).toMatch(
    /^crunch\(\) at packages\/watchdog\/test\/readme\.test\.ts:\d+, .* blocked the event loop/,
  );
});
