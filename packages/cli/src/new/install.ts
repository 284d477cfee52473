/** Lets a package manager install the packages of a project. */
import { spawn } from 'node:child_process';
import { AsphaltError } from '@asphalt/core';
import { shortPath } from '../terminal/place-text.ts';
import type { PackageManager } from './package-managers.ts';

/**
 * Installs the packages of a project, and lets the package manager speak for itself meanwhile.
 *
 * @throws {@link InstallError} when it fails or is not there
 */
export async function install(packageManager: PackageManager, folder: string): Promise<void> {
  const cause = await new Promise<string | undefined>((settle) => {
    // On Windows these are scripts, which only a shell runs.
    const options = { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' } as const;
    const child = spawn(packageManager, ['install'], options);
    child.on('error', (error) => settle(error.message));
    child.on('close', (code, signal) => settle(code === 0 ? undefined : `it ended with ${signal ?? `code ${code}`}`));
  });
  if (cause !== undefined) throw new InstallError(packageManager, folder, cause);
}

/** Raised when the packages of a new project cannot be installed; its files are there. */
export class InstallError extends AsphaltError {
  readonly code = 'ERR_NEW_INSTALL';

  constructor(
    readonly packageManager: PackageManager,
    readonly folder: string,
    cause: string,
  ) {
    super({
      summary: `${packageManager} could not install the packages of the new project`,
      details: [
        ['got', cause],
        ['note', `the project is there, in ${shortPath(folder)}`],
      ],
      help: `run \`${packageManager} install\` in that folder when the cause is mended`,
    });
  }
}
