/** Runs the example on the first page of the repository and compares the report of `asphalt check` with the page. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { appWith, asphalt, start, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8');
const code = /```ts\n\/\/ app\.ts\n(.*?)```/s.exec(readme)![1]!;
const [, command, output] = /```console\n\$ npx asphalt (.*?)\n(.*?)```/s.exec(readme)!;
const configuration = /`asphalt\.yaml` contains `(.*?)`/.exec(readme)![1]!;

test('the example runs', async () => {
  const folder = appWith({ 'app.ts': code, 'asphalt.yaml': configuration });
  const running = await start(folder, ['run', 'asphalt.yaml']).until('Application started');
  const { code: exitCode, stdout } = await running.send('SIGINT').ended;
  expect(stdout).toMatch(/INFO {2}It is \d{4}-/);
  expect(exitCode).toBe(0);
});

test('`asphalt check` reports the three faults that the page shows', async () => {
  // The first line of the file on the page is its name, which the lines in the report count.
  const faulty = `// app.ts\n${code.replace('clock: ClockComponent', '')}`;
  const folder = appWith({ 'app.ts': faulty, 'asphalt.yaml': configuration });
  expect(await asphalt(folder, command!.split(' '))).toMatchObject({ code: 1, stdout: output });
});

test('the page has at most 60 lines', () => {
  expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
});
