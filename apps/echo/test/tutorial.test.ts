/** Compares the tutorial with reality: its code with the named files, its commands with their real output. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { asphalt, start, useAsphalt } from '../../../packages/cli/test/asphalt-process.ts';

useAsphalt();

const folder = fileURLToPath(new URL('..', import.meta.url));
const tutorial = readFileSync(new URL('../../../docs/tutorials/echo.md', import.meta.url), 'utf8');
const withoutTimes = (text: string): string =>
  text.replace(/^\d\d:\d\d:\d\d\.\d{3} /gm, '').replace(/(Application started: .* in ).*$/m, '$1<time>');

function blocks(language: string): string[] {
  return Array.from(tutorial.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms')), ([, text]) => text!);
}

test('each excerpt in the tutorial is part of the file it names', () => {
  const excerpts = [...blocks('ts'), ...blocks('yaml')];
  expect(excerpts).toHaveLength(4);
  for (const excerpt of excerpts) {
    const [, file, code] = /^(?:\/\/|#) (\S+)\n(.*)$/s.exec(excerpt)!;
    expect(readFileSync(folder + file!, 'utf8')).toContain(code!);
  }
});

test('the commands in the tutorial print the output it shows', async () => {
  const [server, client, check, second, stop, ...others] = blocks('console').map(withoutTimes);
  expect(others).toEqual([]);
  const first = start(folder, argumentsIn(server!), { env: { ECHO_PORT: '0' } });
  await first.until('Application started');
  const port = /Listening on port (\d+)/.exec(first.stdout)![1]!;
  const env = { ECHO_PORT: port };
  // The tutorial's port may be in use on the machine that runs the tests.
  const printedIn = (block: string): string => block.replace(/^\$ .*\n/, '').replaceAll('64100', port);

  expect((await asphalt(folder, argumentsIn(client!), { env })).stdout).toBe(printedIn(client!));
  expect((await asphalt(folder, argumentsIn(check!), { env })).stdout).toBe(printedIn(check!));
  expect((await asphalt(folder, argumentsIn(second!), { env })).stderr).toBe(printedIn(second!));
  const { code, stdout } = await first.send('SIGINT').ended;
  expect(stdout).toBe(printedIn(server!) + stop!);
  expect(code).toBe(0);
});

function argumentsIn(block: string): string[] {
  return /^\$ npx asphalt (.*)$/m.exec(block)![1]!.split(' ');
}
