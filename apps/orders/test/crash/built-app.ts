/** The built application of the crash test. It starts in a fraction of the time that `asphalt run` needs for the sources. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const folder = fileURLToPath(new URL('../../', import.meta.url));
const asphalt = fileURLToPath(new URL('../../../../packages/cli/bin/asphalt.js', import.meta.url));

export interface AppBuild {
  /** The arguments of `asphalt build`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

export class BuiltApp implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async build({ args, env }: AppBuild): Promise<BuiltApp> {
    const built = new BuiltApp(await mkdtemp(join(tmpdir(), 'asphalt-crash-')));
    // Without a warm run, which would need the servers.
    const build = [asphalt, 'build', ...args, '--no-warm', '-o', built.#folder];
    await promisify(execFile)(process.execPath, build, { cwd: folder, env });
    return built;
  }

  /** The program. */
  get main(): string {
    return join(this.#folder, 'main.js');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }
}
