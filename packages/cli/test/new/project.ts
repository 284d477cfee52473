/** Creates projects with `asphalt new`, with exactly the packages that they depend on. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import type { ProjectKind } from '../../src/new/kinds.ts';
import { appWith, asphalt, start, type AsphaltProcess } from '../asphalt-process.ts';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));

interface Manifest {
  readonly scripts: Readonly<Record<'dev' | 'test' | 'check' | 'build' | 'start', string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** A project whose `node_modules` contains links to its dependencies in this workspace. */
export class Project {
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
    // Node loads installed packages. Without this, vite would load these, because their links lead out of `node_modules`.
    const external = 'export default { test: { server: { deps: { external: [/\\/packages\\//] } } } };';
    writeFileSync(join(folder, 'vitest.config.mjs'), external);
  }

  static async create(kind: ProjectKind): Promise<Project> {
    const folder = appWith({});
    // Its packages could replace one that the project does not depend on.
    rmSync(join(folder, 'node_modules'), { recursive: true });
    const args = ['new', 'project', '--kind', kind, '--no-install'];
    expect(await asphalt(folder, args)).toMatchObject({ code: 0, stderr: '' });
    return new Project(join(folder, 'project'));
  }

  /** Runs the programs of a script, such as `tsc && vitest run`, and returns their output. */
  async run(script: string): Promise<string> {
    let output = '';
    for (const command of script.split(' && ')) output += await this.#runProgram(command);
    return output;
  }

  async #runProgram(command: string): Promise<string> {
    const [program, ...args] = command.split(' ');
    if (program === 'asphalt') {
      const { code, stdout, stderr } = await asphalt(this.folder, args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return stdout;
    }
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
    expect({ program, words }).toEqual({ program: 'node', words: ['dist/main.js'] });
    return start(this.folder, args, { program: join(this.folder, 'dist/main.js'), env: { NODE_ENV: 'production' } });
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
