/** Compiles and runs code of the documentation against the sources of this package. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

export const repository = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/**
 * Writes files into a new folder with a `tsconfig.json`.
 *
 * @param home - the package whose imports resolve in the folder
 */
export async function folderWith(
  files: Readonly<Record<string, string>>,
  options: object = {},
  home = 'packages/core',
): Promise<string> {
  const parent = join(repository, home, '.cache');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'shown-'));
  const compilerOptions = { noEmit: true, composite: false, declarationMap: false, rootDir: '/', ...options };
  // The settings apply to the sources of the package as well, whose decorators tsx has to compile.
  const include = ['**/*.ts', ...(home === 'packages/core' ? [] : [join(repository, home, 'src')])];
  const settings = { extends: join(repository, 'tsconfig.base.json'), compilerOptions, include };
  for (const [name, text] of Object.entries({ ...files, 'tsconfig.json': JSON.stringify(settings) })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

/** Compiles a folder and returns the output of the compiler, which is empty on success. */
export async function compile(folder: string): Promise<string> {
  const tsc = join(repository, 'node_modules/typescript/bin/tsc');
  const { stdout } = await run(process.execPath, [tsc, '-p', folder]).catch((error: { stdout: string }) => error);
  return stdout;
}

/** Runs a file of a folder and returns its output. */
export async function output(folder: string, name: string): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, ['--conditions=source', '--import', tsx, join(folder, name)], { cwd: folder });
}
