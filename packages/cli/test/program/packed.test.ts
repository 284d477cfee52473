/** The packages as they would be published, installed by npm: the state of a user's project, without this workspace. */
import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asphalt, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

const repository = fileURLToPath(new URL('../../../..', import.meta.url));

/** Runs a program as a user outside of this workspace would. */
async function call(cwd: string, program: string, ...args: string[]): Promise<string> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_ENV|NODE_PATH)/.test(name)),
  );
  const options = { cwd, env: { ...env, NO_COLOR: '1' } };
  const { stdout } = await promisify(execFile)(program, args, options).catch(
    (error: Error & { readonly stdout: string }) => {
      throw new Error(`${program} ${args.join(' ')}: ${error.message}\n${error.stdout}`);
    },
  );
  return stdout;
}

async function pack(folder: string): Promise<string[]> {
  const { packageManager } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    packageManager: string;
  };
  const names = ['core', 'watchdog', 'cli', 'testing'].map((name) => `--filter=@asphalt/${name}`);
  const pnpm = ['--yes', packageManager, '--recursive', ...names, '--pm-on-fail=ignore'];
  await call(repository, 'npx', ...pnpm, 'pack', '--pack-destination', folder);
  return readdirSync(folder).map((file) => join(folder, file));
}

describe('installed from packages', { timeout: 120_000 }, () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'asphalt-packed-')));
  const project = join(folder, 'My Shop');

  beforeAll(async () => {
    expect(await asphalt(folder, ['new', 'My Shop', '--no-install'])).toMatchObject({ code: 0, stderr: '' });
    const packs = await pack(join(folder, 'packs'));
    await call(project, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...packs);
  }, 240_000);
  afterAll(() => rmSync(folder, { recursive: true }), 60_000);

  test('a new project compiles, passes its own tests and `asphalt check`, and runs', async () => {
    expect(await call(project, 'npm', 'run', 'test')).toContain('2 passed');
    expect(await call(project, 'npm', 'run', 'check')).toContain('The application can start: 2 components');
    expect(await call(project, 'npx', 'asphalt', 'doctor')).toContain('No problems found');
    const readme = readFileSync(join(repository, 'packages/cli/README.md'), 'utf8');
    expect(readme).toContain(await call(project, 'npx', 'asphalt', 'explain', 'Clock', 'asphalt.yaml'));
    // `head` closes the output after five lines, which ends the application.
    const lines = await call(project, 'sh', '-c', 'npx asphalt run asphalt.yaml | head -n 5');
    expect(lines).toMatch(/Application started: .*\n.*Hello, it is \d/);
  });

  test('a global command delegates to the command of the project and works outside of a project', async () => {
    // `npm install --global` would request the dependencies between these packages from the registry.
    const home = join(folder, 'global');
    cpSync(join(project, 'node_modules'), join(home, 'node_modules'), { recursive: true, verbatimSymlinks: true });
    const command = join(home, 'node_modules/.bin/asphalt');
    const manifest = join(home, 'node_modules/@asphalt/cli/package.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/"version": ".*?"/, '"version": "99.0.0"'));
    expect(await call(folder, command, '--version')).toBe('99.0.0\n');
    const own = await call(project, 'npx', 'asphalt', '--version');
    expect(own).not.toBe('99.0.0\n');
    expect(await call(project, command, '--version')).toBe(own);
    expect(await call(join(project, 'src'), command, '--version')).toBe(own);
    expect(await call(project, command, 'check', 'asphalt.yaml')).toContain('The application can start: 2 components');
    mkdirSync(join(folder, 'bare'));
    writeFileSync(join(folder, 'bare/package.json'), '{ "type": "module" }');
    expect(await call(join(folder, 'bare'), command, '--version')).toBe('99.0.0\n');
  });
});
