/** Has the process load TypeScript from now on. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import module from 'node:module';
import { dirname, join, parse } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageFile } from '../terminal/package-files.ts';
import type { Bun, EmitTypesOptions } from './typescript-hooks.ts';

/** The settings with which this process has the loader. */
const installed = new Set<string | undefined>();

/** Installs the loader with the settings nearest to a file, unless it is there with these. */
export async function compileTypeScriptLike(file: string): Promise<void> {
  const tsconfig = nearestTsconfig(file);
  if (installed.has(tsconfig)) return;
  installed.add(tsconfig);
  // Deno and Bun load TypeScript by themselves, but do not find, or do not follow, every tsconfig.
  if ('deno' in process.versions || 'bun' in process.versions) {
    if (tsconfig !== undefined) await emitTypes(tsconfig, 'all');
    return;
  }
  const { register } = await import('tsx/esm/api');
  if (tsconfig === undefined) {
    register({ tsconfig: false });
    return;
  }
  withConfigForAllFiles(tsconfig, parse(file).root, (all) => register({ tsconfig: all }));
  await emitTypes(tsconfig, 'with-checks');
}

/**
 * The loader compiles without the types that `@checked()` reads, whatever the tsconfig says. Where it asks for them,
 * another compiler takes those files; registered later, it is asked first.
 */
async function emitTypes(tsconfig: string, files: EmitTypesOptions['files']): Promise<void> {
  const { parseTsconfig } = await import('get-tsconfig');
  const { compilerOptions = {} } = parseTsconfig(tsconfig);
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

/** Hooks in the thread that loads, which newer versions of Node have instead of those in a thread of their own. */
interface ModuleHooks {
  readonly registerHooks?: (hooks: object) => void;
}

/** The user's own settings; decorators do not compile under those of another folder. */
function nearestTsconfig(file: string): string | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const candidate = join(folder, 'tsconfig.json');
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}

const settingsPrefix = 'asphalt-tsconfig-';
const cachePrefix = 'tsx-';

/** Whether a file is there for the loader alone: settings, which are gone when it has read them, or its cache. */
export function isOfLoader(file: string): boolean {
  return [settingsPrefix, cachePrefix].some((prefix) => file.startsWith(join(tmpdir(), prefix)));
}

/**
 * The loader compiles only those files by a tsconfig which it includes, and all others without decorators: a module of
 * a sibling package in the workspace, or the application itself beside `"include": ["src"]`. So it gets the same
 * settings with everything included. It has read them when `use` returns.
 */
function withConfigForAllFiles(tsconfig: string, root: string, use: (file: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), settingsPrefix));
  try {
    const file = join(folder, 'tsconfig.json');
    writeFileSync(file, JSON.stringify({ extends: tsconfig, include: [join(root, '**/*')], exclude: [] }));
    use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
