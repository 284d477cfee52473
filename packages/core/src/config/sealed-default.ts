import { holdsSecrets } from './nested.ts';
import type { ConfigOption } from './schema.ts';

/**
 * Holds a sensitive default, so that inspecting a schema, or an error that refers to one, does not reveal the value.
 */
class SealedDefault {
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  static unseal(value: unknown): unknown {
    return value instanceof SealedDefault ? value.#value : value;
  }
}

/** Returns the option, with its default sealed if the default may contain sensitive values. */
export function sealDefault(option: ConfigOption): ConfigOption {
  const isSecret = option.sensitive === true || holdsSecrets(option.format);
  if (!isSecret || option.default === undefined) return option;
  return { ...option, default: new SealedDefault(option.default) };
}

/** Returns the declared default of an option, unsealed. */
export function defaultOf(option: ConfigOption): unknown {
  return SealedDefault.unseal(option.default);
}
