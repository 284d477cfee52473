/**
 * Installs the TypeScript loader of this process: tsx on Node, our own hooks on Deno and Bun. On every runtime, our
 * hooks add the decorator metadata that `@checked()` reads, if the tsconfig enables it.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import module from 'node:module';
import { dirname, join, parse } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setEnvironmentData } from 'node:worker_threads';
import { AsphaltError } from '@asphalt/core';
import { describeThrown } from '@asphalt/core/errors';
import { packageFile } from '../terminal/package-files.ts';
import { shortPath } from '../terminal/place-text.ts';
import { temporaryFolder } from './temporary-folder.ts';
import type { Bun, CompilerOptions, EmitTypesOptions } from './typescript-hooks.ts';

/** The tsconfig files for which the loader is installed. */
const installed = new Set<string | undefined>();

/** Installs the loader with the settings nearest to a file, unless this has already happened. */
export async function compileTypeScriptLike(file: string): Promise<void> {
  const tsconfig = nearestTsconfig(file);
  if (installed.has(tsconfig)) return;
  const compilerOptions = tsconfig === undefined ? {} : await compilerOptionsOf(tsconfig);
  installed.add(tsconfig);
  // Deno and Bun load TypeScript natively, but do not find or honor every tsconfig.
  if ('deno' in process.versions || 'bun' in process.versions) {
    await emitTypes(compilerOptions, 'all');
    return;
  }
  if (installed.size === 1) announceToThreads(file);
  const { register } = await import('tsx/esm/api');
  if (tsconfig === undefined) {
    register({ tsconfig: false });
    return;
  }
  withConfigForAllFiles(tsconfig, parse(file).root, (all) => register({ tsconfig: all }));
  await emitTypes(compilerOptions, 'with-checks');
}

/** @throws {@link CompilerSettingsError} when the file extends one that does not exist */
async function compilerOptionsOf(tsconfig: string): Promise<CompilerSettings> {
  const { parseTsconfig } = await import('get-tsconfig');
  try {
    return parseTsconfig(tsconfig).compilerOptions ?? {};
  } catch (error) {
    throw new CompilerSettingsError(tsconfig, error);
  }
}

type CompilerSettings = CompilerOptions & { readonly experimentalDecorators?: boolean };

/** The compiler settings of an application cannot be read. */
export class CompilerSettingsError extends AsphaltError {
  readonly code = 'ERR_COMPILER_SETTINGS';

  constructor(
    readonly file: string,
    cause: unknown,
  ) {
    super({
      summary: `Cannot read the compiler settings in ${shortPath(file)}`,
      details: [['got', cause instanceof Error ? cause.message : describeThrown(cause)]],
      help: 'correct `extends` in it or in the files that it extends, and install the packages that they name',
    });
  }
}

/** Lets the threads of this process, which do not inherit the loader, install it with the same settings. */
function announceToThreads(file: string): void {
  const loader = pathToFileURL(packageFile('dist/load/typescript-loader.js')).href;
  setEnvironmentData('@asphalt/typescript', { loader, file });
}

/**
 * Installs the hooks that emit the types which `@checked()` reads. tsx never emits them, regardless of the tsconfig. The
 * hooks are registered after tsx, so they run first.
 */
async function emitTypes(compilerOptions: CompilerSettings, files: EmitTypesOptions['files']): Promise<void> {
  if (!compilerOptions.experimentalDecorators) return;
  if (files === 'with-checks' && !compilerOptions.emitDecoratorMetadata) return;
  const options = { compilerOptions, files };
  const { Bun, registerHooks } = { ...(globalThis as { Bun?: Bun }), ...(module as ModuleHooks) };
  if (Bun === undefined && registerHooks === undefined) {
    module.register(pathToFileURL(packageFile('dist/load/typescript-hooks.js')), { data: options });
    return;
  }
  const { initialize, installInBun, load } = await import('./typescript-hooks.ts');
  initialize(options);
  if (Bun === undefined) registerHooks?.({ load });
  else installInBun(Bun);
}

/** Hooks that run in the loading thread. Newer versions of Node have them; older ones run hooks in a separate thread. */
interface ModuleHooks {
  readonly registerHooks?: (hooks: object) => void;
}

/** Finds the tsconfig.json nearest to a file, because decorators may not compile under the settings of another folder. */
function nearestTsconfig(file: string): string | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const candidate = join(folder, 'tsconfig.json');
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}

const settingsPrefix = 'asphalt-tsconfig-';
const cachePrefix = 'tsx-';

/** Whether a file belongs to the loader: its temporary settings or its cache. */
export function isOfLoader(file: string): boolean {
  return [settingsPrefix, cachePrefix].some((prefix) => file.startsWith(join(tmpdir(), prefix)));
}

/**
 * Calls `use` with a temporary copy of the tsconfig that includes all files. tsx applies a tsconfig only to files that
 * it includes, and compiles others without decorators: for example a module of a sibling package in the workspace, or an
 * application outside of `"include": ["src"]`. tsx has read the copy before `use` returns.
 */
function withConfigForAllFiles(tsconfig: string, root: string, use: (file: string) => void): void {
  const folder = temporaryFolder(settingsPrefix);
  try {
    const file = join(folder, 'tsconfig.json');
    writeFileSync(file, JSON.stringify({ extends: tsconfig, include: [join(root, '**/*')], exclude: [] }));
    use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
