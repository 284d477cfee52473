import { AsphaltError } from '@asphalt/core';
import { nearMisses } from '@asphalt/core/errors';

/** Thrown by `config show --origin` when no component has the option. */
export class ConfigOptionError extends AsphaltError {
  readonly code = 'ERR_CONFIG_OPTION';

  constructor(
    readonly path: string,
    known: readonly string[],
  ) {
    const [near] = nearMisses(path, known, 1);
    super({
      summary: `Unknown option \`${path}\``,
      help: near === undefined ? 'list all options with `asphalt config show`' : `did you mean \`${near}\`?`,
    });
  }
}
