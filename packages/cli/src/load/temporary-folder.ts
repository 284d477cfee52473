/** Creates folders for files that exist only during a command. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AsphaltError } from '@asphalt/core';
import { describeThrown } from '@asphalt/core/errors';

/** The system's folder for temporary files does not exist or cannot be written to. */
export class TemporaryFolderError extends AsphaltError {
  readonly code = 'ERR_TEMPORARY_FOLDER';

  constructor(
    readonly folder: string,
    cause: unknown,
  ) {
    super(
      {
        summary: `Cannot create a temporary folder in ${folder}`,
        details: [
          ['got', describeThrown(cause)],
          ['note', 'the command needs one to compile TypeScript'],
        ],
        help: [
          'create the folder',
          'set the environment variable TMPDIR (on Windows: TEMP) to one that you may write to',
        ],
      },
      { cause },
    );
  }
}

/**
 * Creates a folder below the system's folder for temporary files.
 *
 * @throws {@link TemporaryFolderError} when that folder is missing or not writable
 */
export function temporaryFolder(prefix: string): string {
  try {
    return mkdtempSync(join(tmpdir(), prefix));
  } catch (error) {
    // The error is the system's, and its stack would point into this file.
    if (error instanceof Error) error.stack = String(error);
    throw new TemporaryFolderError(tmpdir(), error);
  }
}
