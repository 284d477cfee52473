import { AsphaltError } from '@asphalt/core';

/** Thrown by `config diff` for files that do not specify the root component, so that their options are unknown. */
export class ConfigBaseError extends AsphaltError {
  readonly code = 'ERR_CONFIG_BASE';

  constructor(readonly files: readonly string[]) {
    super({
      summary: `Cannot compare ${files.join(' ')}: the root component is not specified`,
      help: [
        'name the files below both configurations: --base asphalt.yaml',
        'specify the class of the root component: --set component.type=./app.ts:App',
      ],
    });
  }
}
