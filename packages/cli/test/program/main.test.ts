import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { createProgram } from '../../src/program/program.ts';
import { Shell } from '../../src/terminal/shell.ts';
import { appWith, asphalt, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

/** Returns the command words of each command. */
function commandPaths(): string[][] {
  const below = (command: Command, path: string[]): string[][] => [
    path,
    ...command.commands.flatMap((child) => below(child, [...path, child.name()])),
  ];
  return below(createProgram(new Shell()), []);
}

describe('help', () => {
  test.each(commandPaths().map((path) => path.join(' ')))(
    '"%s" --help prints help on standard output',
    async (words) => {
      const path = words.split(' ').filter((word) => word !== '');
      const { code, stdout, stderr } = await asphalt(appWith({}), [...path, '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatchSnapshot();
      // The help of the program lists commands instead of examples.
      const examples = path.length > 0 ? `\nExamples:\n  asphalt ${path.join(' ')}` : '\nCommands:\n';
      expect(stdout).toContain(examples);
    },
  );

  test('`asphalt` without a command prints help on standard error', async () => {
    const { code, stdout, stderr } = await asphalt(appWith({}), []);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: asphalt [options] [command]');
  });
});

test('--version prints only the version on standard output', async () => {
  expect(await asphalt(appWith({}), ['--version'])).toMatchObject({
    code: 0,
    stdout: `${manifest.version}\n`,
    stderr: '',
  });
});

describe('`run` with files and nothing else', () => {
  const app = (body: string): string =>
    appWith({
      'app.js': `
import { CliComponent } from '@asphalt/core';
export default class Tool extends CliComponent {
  run() { ${body} }
}
`,
    });

  test.each([
    ['ends with a code', 'console.log("done"); return 3;'],
    ['fails', 'throw new Error("blah");'],
  ])('behaves as with options for an application that %s', async (_, body) => {
    const folder = app(body);
    const plain = await asphalt(folder, ['run', 'app.js']);
    expect(plain).toEqual(await asphalt(folder, ['run', 'app.js', '--no-watchdog']));
    expect(plain.code).toBeGreaterThan(0);
    expect(plain.stdout).toContain('Application stopped');
  });

  test('reports a missing file as with options', async () => {
    const folder = appWith({});
    const plain = await asphalt(folder, ['run', 'app.js']);
    expect(plain).toEqual(await asphalt(folder, ['run', '--', 'app.js']));
    expect(plain).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no such file') as string });
  });

  test('loads few of its own files and not the command line library', async () => {
    const hooks = `
      import { writeSync } from 'node:fs';
      export async function load(url, context, next) {
        if (url.includes('/packages/c')) writeSync(2, url.replace(/.*packages./, '') + ' ');
        return next(url, context);
      }`;
    const register = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hooks))});`;
    const folder = app('console.log("done");');
    const env = { NODE_OPTIONS: `--import=${dataUrl(register)}` };
    const { code, stderr } = await asphalt(folder, ['run', 'app.js'], { env });
    expect(code).toBe(0);
    expect(stderr.trim().split(' ').toSorted()).toMatchInlineSnapshot(`
      [
        "cli/bin/asphalt.js",
        "cli/dist/chunks/package-files.js",
        "cli/dist/chunks/run.js",
        "cli/dist/chunks/run2.js",
        "cli/dist/chunks/shell.js",
        "cli/dist/main.js",
        "core/dist/chunks/index.js",
        "core/dist/config.js",
        "core/dist/errors.js",
        "core/dist/index.js",
        "core/dist/inspect.js",
      ]
    `);
  });

  function dataUrl(source: string): string {
    return `data:text/javascript,${encodeURIComponent(source)}`;
  }
});

describe('a usage error ends with exit code 2, a message and a hint at --help', () => {
  const wrong = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await asphalt(appWith({}), args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    return stderr;
  };

  test('for an unknown option', async () => {
    expect(await wrong('--colour')).toMatchInlineSnapshot(`
      "Unknown option '--colour'
      Run \`asphalt --help\` for usage.
      "
    `);
    expect(await wrong('run', 'asphalt.yaml', '--srvice', 'web')).toMatchInlineSnapshot(`
      "Unknown option '--srvice'
      (Did you mean --service?)
      Run \`asphalt run --help\` for usage.
      "
    `);
  });

  test('without control characters of the arguments', async () => {
    expect(await wrong('\x1b[2Jrun')).toMatch(/^Unknown command '\\x1b\[2Jrun'\n/);
  });

  test('for an unknown command', async () => {
    expect(await wrong('rnu', 'asphalt.yaml')).toMatchInlineSnapshot(`
      "Unknown command 'rnu'
      (Did you mean run?)
      Run \`asphalt --help\` for usage.
      "
    `);
  });

  test('for an option without its value', async () => {
    expect(await wrong('run', 'asphalt.yaml', '--set')).toMatchInlineSnapshot(`
      "Option '--set <path=value>' argument missing
      Run \`asphalt run --help\` for usage.
      "
    `);
    expect(await wrong('run', '-s')).toMatchInlineSnapshot(`
      "Option '-s, --service <name>' argument missing
      Run \`asphalt run --help\` for usage.
      "
    `);
  });

  test.each(commandPaths())('for an unknown option of each command: %s', async (...path) => {
    const stderr = await wrong(...path, '--nonsense');
    expect(stderr.trimEnd().split('\n')).toEqual([
      "Unknown option '--nonsense'",
      `Run \`${['asphalt', ...path].join(' ')} --help\` for usage.`,
    ]);
  });

  test('for a missing argument and for an excess one', async () => {
    expect(await wrong('explain')).toMatch(/^Missing required argument 'key'\n/);
    expect(await wrong('config', 'diff', 'one.yaml')).toMatch(/^Missing required argument 'after'\n/);
    expect(await wrong('doctor', '.', '.')).toMatch(/^Too many arguments for 'doctor'/);
  });

  test('for an argument with an unsupported value', async () => {
    const noFolder = /^Command-argument value 'nowhere' is invalid for argument 'folder'\. No such folder\.\n/;
    expect(await wrong('doctor', 'nowhere')).toMatch(noFolder);
    expect(await wrong('components', 'nowhere')).toMatch(noFolder);
    expect(await wrong('completion', 'tcsh')).toMatch(/'shell'\. Allowed choices are bash, zsh, fish\.\n/);
    expect(await wrong('config', 'nonsense')).toMatch(/^Unknown command 'nonsense'\n/);
  });

  test.each([
    ['dev'],
    ['check'],
    ['graph'],
    ['explain', 'Key'],
    ['config', 'show'],
    ['config', 'docs'],
    ['config', 'schema'],
  ])('for a command without configuration: %s %s', async (...path) => {
    expect(await wrong(...path)).toMatch(/^Nothing to \w+: name a configuration file\n/);
  });

  test('for `run` without configuration', async () => {
    expect(await wrong('run')).toMatchInlineSnapshot(`
      "Nothing to run: name a configuration file
      Run \`asphalt run --help\` for usage.
      "
    `);
  });
});
