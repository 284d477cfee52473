/** The errors of `asphalt build`. */
import { AsphaltError } from '@asphalt/core';
import { shortPath } from '../terminal/place-text.ts';

/** Thrown when the bundler is not installed. */
export class BundlerMissingError extends AsphaltError {
  readonly code = 'ERR_BUILD_BUNDLER';

  constructor(cause: unknown) {
    super(
      {
        summary: 'Cannot build the application: the bundler is not installed',
        help: 'install it: npm install --save-dev rolldown',
      },
      { cause },
    );
  }
}

/** Thrown when the folder of a build contains files that no build has written. */
export class BuildFolderError extends AsphaltError {
  readonly code = 'ERR_BUILD_FOLDER';

  constructor(
    readonly folder: string,
    first: string,
  ) {
    super({
      summary: `Cannot build into ${shortPath(folder)}: it contains ${first}, which no build has written`,
      help: 'name a new or empty folder with -o',
    });
  }
}

/** Thrown when the modules of an application cannot be bundled. */
export class BundleError extends AsphaltError {
  readonly code = 'ERR_BUILD_BUNDLE';

  constructor(why: string, module: string | undefined) {
    const details = [
      ['in', module],
      ['got', why],
    ] as const;
    super({ summary: 'Cannot bundle the application', details, help: 'fix the module' });
  }
}

/** Thrown when a package outside of the bundle would load a second copy of a library that all components share. */
export class SharedCopyError extends AsphaltError {
  readonly code = 'ERR_BUILD_COPY';

  constructor(
    /** The package that stays outside of the bundle. */
    readonly packageName: string,
    readonly library: string,
  ) {
    super({
      summary: `Cannot build the application: ${packageName} would load a second copy of ${library}`,
      details: [['note', `${packageName} contains native code, so it cannot be part of the bundle`]],
      help: `move the native code into a package that does not depend on ${library}`,
    });
  }
}

/** Thrown when the built application cannot be started for its code cache. */
export class WarmRunError extends AsphaltError {
  readonly code = 'ERR_BUILD_WARM';

  constructor(folder: string, ended: string) {
    super({
      summary: `The application in ${shortPath(folder)} is built, but its warm run failed: it ended with ${ended}`,
      help: ['fix the cause above', 'build without a warm run: --no-warm'],
    });
  }
}
