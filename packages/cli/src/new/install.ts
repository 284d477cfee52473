/** Installs the dependencies of a project with its package manager. */
import { spawn } from 'node:child_process';
import { AsphaltError } from '@asphalt/core';
import { shortPath } from '../terminal/place-text.ts';
import type { PackageManager } from './package-managers.ts';

/**
 * Installs the dependencies of a project. The package manager writes to the terminal directly.
 *
 * @throws {@link InstallError} when the package manager fails or does not exist
 */
export async function install(packageManager: PackageManager, folder: string): Promise<void> {
  const cause = await new Promise<string | undefined>((settle) => {
    // On Windows, package managers are scripts, which only a shell can run.
    const options = { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' } as const;
    const child = spawn(packageManager, ['install'], options);
    child.on('error', (error) => settle(error.message));
    child.on('close', (code, signal) => settle(code === 0 ? undefined : `it ended with ${signal ?? `code ${code}`}`));
  });
  if (cause !== undefined) throw new InstallError(packageManager, folder, cause);
}

/** Thrown when the dependencies of a new project cannot be installed. Its files exist. */
export class InstallError extends AsphaltError {
  readonly code = 'ERR_NEW_INSTALL';

  constructor(
    readonly packageManager: PackageManager,
    readonly folder: string,
    cause: string,
  ) {
    super({
      summary: `${packageManager} could not install the dependencies of the new project`,
      details: [
        ['got', cause],
        ['note', `the project was created in ${shortPath(folder)}`],
      ],
      help: `fix the cause, then run \`${packageManager} install\` in that folder`,
    });
  }
}
