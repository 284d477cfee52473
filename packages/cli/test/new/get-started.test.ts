/** Follows `docs/get-started.md` step by step and compares the output of each command. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { requireBuild } from '@asphalt/test-support/build';
import { appWith, asphalt, start, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const page = readFileSync(join(repository, 'docs/get-started.md'), 'utf8');
const files = new Map(
  Array.from(page.matchAll(/```ts\n(\/\/ (\S+\.ts)\n.*?)```/gs), ([, code, name]) => [name!, code!]),
);
const change = /```ts\n\/\/ in src\/app\.ts\n(.*?)\n(.*?)\n```/s.exec(page)!;
const commands = Array.from(page.matchAll(/```console\n\$ npx (.*?)\n(.*?)```/gs), ([, line, output]) => ({
  args: line!.split(' ').slice(1),
  output: output!,
}));
const [run, fault, check, set, unitTest] = commands;

/** Removes everything that differs between runs: times, durations and reports of the watchdog on a busy machine. */
function stable(text: string): string {
  return text
    .replace(/^\d\d:\d\d:\d\d\.\d{3} /gm, '')
    .replace(/^WARN .*\n/gm, '')
    .replace(/(Application started: \d+ components) in .*/g, '$1')
    .replace(/, it is .*/g, ', it is <time>')
    .replace(/^(.*, it is <time>\n)(.*, it is <time>\n)+/gm, '$1');
}

describe('the guide to a first project', { timeout: 120_000 }, () => {
  let project: string;

  const write = (name: string, code = files.get(name)!): void => writeFileSync(join(project, name), code);

  /** Links a package of the workspace into the project, because a test does not install from the registry. */
  function link(name: string): void {
    mkdirSync(join(project, 'node_modules', name, '..'), { recursive: true });
    symlinkSync(join(repository, 'node_modules', name), join(project, 'node_modules', name));
  }

  async function program(name: string, ...args: string[]): Promise<string> {
    const options = { cwd: project, env: { PATH: process.env['PATH'], NO_COLOR: '1' } };
    const call = promisify(execFile)(process.execPath, [join(repository, 'node_modules', name), ...args], options);
    const { stdout } = await call.catch((error: Error & { readonly stdout: string }) => {
      throw new Error(`${error.message}\n${error.stdout}`);
    });
    return stdout;
  }

  async function runUntilGreeting(args: readonly string[]): Promise<string> {
    const running = await start(project, args).until(/, it is \d/);
    const { code, stdout } = await running.send('SIGINT').ended;
    expect(code).toBe(0);
    return stable(stdout);
  }

  beforeAll(async () => {
    requireBuild('packages/testing');
    const folder = appWith({});
    expect(await asphalt(folder, ['new', 'shop', '--yes', '--no-install'])).toMatchObject({ code: 0, stderr: '' });
    project = join(folder, 'shop');
    for (const name of ['typescript', 'vitest', '@types/node']) link(name);
    symlinkSync(join(repository, 'packages/testing'), join(folder, 'node_modules/@asphalt/testing'));
  });

  test('the new project has the files of the table and runs', async () => {
    const listed = Array.from(page.matchAll(/^\| (`.*?) \|/gm), ([, names]) => names!.replaceAll('`', '').split(', '));
    const made = readdirSync(project, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
      .map((entry) => join(entry.parentPath, entry.name).slice(project.length + 1));
    expect(listed.flat().sort()).toEqual(made.sort());
    expect(await runUntilGreeting(run!.args)).toBe(stable(run!.output));
  });

  test('`asphalt check` reports the missing component, and accepts the application with it', async () => {
    for (const name of ['src/counter-component.ts', 'src/app.ts']) write(name);
    expect(await asphalt(project, fault!.args)).toMatchObject({ code: 1, stdout: fault!.output });

    const [, importLine, decorator] = change;
    const fixed = files
      .get('src/app.ts')!
      .replace("import { Counter } from './counter-component.ts';", importLine!)
      .replace(/^@component\(.*$/m, decorator!);
    write('src/app.ts', fixed);
    expect(await asphalt(project, check!.args)).toMatchObject({ code: 0, stdout: check!.output });
  });

  test('an option on the command line reaches the component', async () => {
    expect(await runUntilGreeting(set!.args)).toBe(stable(set!.output));
  });

  test('the tests of the component and of the application pass', async () => {
    write('test/counter.test.ts');
    const changed = /change\s+the\s+expected\s+line\s+to\s+`(.*?)`/.exec(page)![1]!;
    const tests = readFileSync(join(project, 'test/app.test.ts'), 'utf8');
    write('test/app.test.ts', tests.replace('Good day, it is 12', changed));

    expect(await program('typescript/bin/tsc')).toBe('');
    const printed = await program('vitest/vitest.mjs', ...unitTest!.args);
    for (const line of unitTest!.output.trimEnd().split('\n')) expect(printed).toContain(line);
    expect(await program('vitest/vitest.mjs', 'run')).toContain('3 passed');
  });
});
