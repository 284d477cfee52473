/** Creates a project of each kind, and compiles, tests and runs it with exactly the packages that it depends on. */
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { requireBuild } from '@asphalt/test-support/build';
import { freePort } from '@asphalt/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { projectKinds, type ProjectKind } from '../../src/new/kinds.ts';
import { appWith, asphalt, start, useAsphalt, type AsphaltProcess } from '../asphalt-process.ts';

useAsphalt();
beforeAll(() => requireBuild('packages/testing', 'packages/integration'));

const repository = fileURLToPath(new URL('../../../..', import.meta.url));

interface Manifest {
  readonly scripts: Readonly<Record<'dev' | 'test' | 'check' | 'build' | 'start', string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** A project whose `node_modules` contains links to its dependencies in this workspace. */
class Project {
  readonly folder: string;
  readonly manifest: Manifest;

  constructor(folder: string) {
    this.folder = folder;
    this.manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    const { dependencies, devDependencies } = this.manifest;
    for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
      mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true });
      symlinkSync(packageFolder(name), join(folder, 'node_modules', name));
    }
  }

  static async create(kind: ProjectKind): Promise<Project> {
    const folder = appWith({});
    const args = ['new', 'project', '--kind', kind, '--no-install'];
    expect(await asphalt(folder, args)).toMatchObject({ code: 0, stderr: '' });
    return new Project(join(folder, 'project'));
  }

  /** Runs a program of a script, such as `tsc` or `vitest run`, and returns its output. */
  async run(command: string): Promise<string> {
    const [program, ...args] = command.split(' ');
    if (program === 'asphalt') return (await asphalt(this.folder, args)).stdout;
    const options = { cwd: this.folder, env: { PATH: process.env['PATH'], NO_COLOR: '1' } };
    const call = promisify(execFile)(process.execPath, [...programs[program!]!, ...args], options);
    const { stdout } = await call.catch((error: Error & { readonly stdout: string }) => {
      error.message += `\n${error.stdout}`;
      throw error;
    });
    return stdout;
  }

  /** Starts the script `start` with further arguments. */
  start(...args: string[]): AsphaltProcess {
    const [program, ...words] = this.manifest.scripts.start.split(' ');
    expect(program).toBe('asphalt');
    return start(this.folder, [...words, ...args], { env: { NODE_ENV: 'production' } });
  }
}

const programs: Readonly<Record<string, readonly string[]>> = {
  tsc: [join(repository, 'node_modules/typescript/bin/tsc')],
  vitest: [join(repository, 'node_modules/vitest/vitest.mjs')],
  node: [],
};

/** Returns the folder of a package as this workspace has installed it. */
function packageFolder(name: string): string {
  if (name.startsWith('@asphalt/')) return join(repository, 'packages', name.slice('@asphalt/'.length));
  const installed = ['.', 'packages/core', 'packages/web', 'packages/sql']
    .map((folder) => join(repository, folder, 'node_modules', name))
    .find((folder) => existsSync(folder));
  return realpathSync(installed!);
}

describe.each(projectKinds)('a project of the kind %s', { timeout: 60_000 }, (kind) => {
  let project: Project;

  beforeAll(async () => {
    project = await Project.create(kind);
  });

  test('has correct types and can start', async () => {
    const [types, application] = project.manifest.scripts.check.split(' && ');
    expect(await project.run(types!)).toBe('');
    expect(await project.run(application!)).toContain('The application can start');
  });

  test('passes its own tests', async () => {
    expect(await project.run(project.manifest.scripts.test)).toMatch(/Tests {2}\d+ passed \(\d+\)/);
  });

  test('runs in its compiled form without the sources', async () => {
    expect(await project.run(project.manifest.scripts.build)).toBe('');
    rmSync(join(project.folder, 'src'), { recursive: true });
    await runs[kind](project);
  });
});

const runs: Record<ProjectKind, (project: Project) => Promise<void>> = {
  async basic(project) {
    const running = await project.start('--set', 'component.components.clock.every=10ms').until(/Hello, it is \d/);
    expect(await running.send('SIGTERM').ended).toMatchObject({ code: 0, stderr: '' });
  },

  api: (project) => useNotes(project),

  async 'api-sql'(project) {
    await project.run('asphalt db migrate asphalt.yaml production.yaml');
    await useNotes(project);
  },

  async worker(project) {
    const inbox = join(project.folder, 'var/inbox');
    mkdirSync(inbox, { recursive: true });
    writeFileSync(join(inbox, 'note.txt'), 'one two three');
    const running = await project.start().until('note.txt: 3 words');
    expect(await running.send('SIGTERM').ended).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(inbox)).toEqual(['failed']);
  },

  async cli(project) {
    writeFileSync(join(project.folder, 'note.txt'), 'one two three');
    const { start: script } = project.manifest.scripts;
    expect(await project.run(`${script} --min 4 note.txt`)).toBe('1 note.txt\n');
    await expect(project.run(`${script} missing.txt`)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Cannot read missing.txt: ENOENT'),
    });
    await expect(project.run(`${script} --min four`)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('`component.min` must be a whole number'),
    });
    await expect(project.run(`${script} --max 4`)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Unknown option '--max'"),
    });
  },
};

async function useNotes(project: Project): Promise<void> {
  const port = await freePort();
  const running = await project.start('--set', `component.components.web.port=${port}`).until('Application started');
  const url = `http://127.0.0.1:${port}/notes`;
  const added = await fetch(url, { method: 'POST', body: JSON.stringify({ title: 'Milk', text: 'two liters' }) });
  expect(added.status).toBe(201);
  expect(await (await fetch(url)).json()).toMatchObject([{ title: 'Milk' }]);
  expect(await running.send('SIGTERM').ended).toMatchObject({ code: 0, stderr: '' });
}
