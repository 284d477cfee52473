import { AsphaltError } from '@asphalt/core';

/** Raised by `config diff` for files that do not say what the root component is, and so what their options are. */
export class ConfigBaseError extends AsphaltError {
  readonly code = 'ERR_CONFIG_BASE';

  constructor(readonly files: readonly string[]) {
    super({
      summary: `Cannot compare ${files.join(' ')}: nothing in it says what the root component is`,
      help: [
        'name the files that lie below both: --base asphalt.yaml',
        'name the class of the root component: --set component.type=./app.ts:App',
      ],
    });
  }
}
