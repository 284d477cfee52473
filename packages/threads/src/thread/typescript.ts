/** Installs the TypeScript loader of a thread. Threads do not inherit the loader of the main thread. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getEnvironmentData } from 'node:worker_threads';

/** The loader of the `asphalt` command, and the file whose compiler settings it uses for all files. */
interface CommandLoader {
  readonly loader: string;
  readonly file: string;
}

let isInstalled = false;

/**
 * Installs the loader once per thread, for all files. Under the `asphalt` command, it has the settings of the main thread.
 * In other programs, it has those of the tsconfig.json nearest to the module, whatever the working folder is.
 *
 * @param module - the URL of the first TypeScript module of the thread
 * @param tsx - the URL of tsx
 */
export async function loadTypeScript(module: string, tsx: string): Promise<void> {
  if (isInstalled) return;
  isInstalled = true;
  const command = getEnvironmentData('@asphalt/typescript') as CommandLoader | undefined;
  if (command) {
    const { compileTypeScriptLike } = (await import(command.loader)) as {
      compileTypeScriptLike: (file: string) => Promise<void>;
    };
    return compileTypeScriptLike(command.file);
  }
  const { register } = (await import(tsx)) as typeof import('tsx/esm/api');
  register({ tsconfig: nearestTsconfig(fileURLToPath(module)) ?? false });
}

function nearestTsconfig(file: string): string | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const candidate = join(folder, 'tsconfig.json');
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}
