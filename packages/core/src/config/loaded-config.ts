/** A configuration whose layers are all there; the options of components in it are checked once those are known. */
import { defineConfig, type ConfigOf } from './define.ts';
import type { Environment } from './environment.ts';
import { ConfigError, ConfigKeyError, type ConfigProblem } from './errors.ts';
import { codeLayer, LayeredConfig, type Layer } from './layers.ts';
import { loggingSection, withLevelName } from './logging-setting.ts';
import { findFault, type PlainObject } from './merge.ts';
import { formatPath, type ConfigPath } from './path.ts';
import { validateOptions } from './validate.ts';
import { ConfigView } from './view.ts';

/** What stands at the top level beside the root component. */
export const applicationSettings = defineConfig({
  startTimeout: { doc: 'Time in which the application must have started', format: 'duration' },
  stopTimeout: { doc: 'Time in which the application must have stopped', format: 'duration' },
  logging: { doc: 'What is logged, and where; or a level alone', format: loggingSection },
});

/** The settings of the application itself. */
export type ApplicationSettings = ConfigOf<typeof applicationSettings>;

export interface ConfigSurroundings {
  /** The variables that options may name. @defaultValue `process.env` */
  readonly env?: Environment;
  /** Where relative paths start that no file says. @defaultValue `process.cwd()` */
  readonly cwd?: string;
  /** The service that the layers were chosen for. */
  readonly service?: string | undefined;
  /** What the layers of other services say. */
  readonly unused?: readonly UnusedKey[];
}

/** Something in the configuration that nobody reads. */
export interface UnusedKey {
  readonly path: string;
  readonly from: string | undefined;
}

/** Tells keys of the top level that belong to the user, as places for YAML anchors: those that begin with `x-`. */
export function isFreeKey(key: string): boolean {
  return key.startsWith('x-');
}

export class LoadedConfig {
  readonly layers: LayeredConfig;
  readonly service: string | undefined;
  /** The settings at the top level, checked. */
  readonly settings: ApplicationSettings;
  /** What is wrong at the top level. */
  readonly problems: readonly ConfigProblem[];
  /** What the configuration says and nobody reads, such as the sections of services that do not run. */
  readonly unused: readonly UnusedKey[];
  /** What is given and should not be; by path, so that a second check of a component adds nothing. */
  readonly #warnings = new Map<string, ConfigProblem>();
  readonly #surroundings: ConstructorParameters<typeof ConfigView>[2];

  constructor(layers: readonly Layer[], surroundings: ConfigSurroundings = {}) {
    const { env = process.env, cwd = process.cwd(), service, unused = [] } = surroundings;
    this.layers = new LayeredConfig(layers);
    this.service = service;
    this.unused = unused;
    this.#surroundings = { env, cwd, warn: (warning) => void this.#warnings.set(warning.path, warning) };
    const own = Object.keys(this.value).filter(isFreeKey);
    const checked = validateOptions(applicationSettings, this.at([]), ['component', 'services', ...own]);
    this.settings = checked.value;
    this.problems = checked.problems.map(withLevelName);
  }

  /**
   * A configuration of nothing but options of the root component, set in code. `components` in it sets those of its
   * children. The object is not changed.
   *
   * @throws {@link ConfigKeyError} when it holds a key that is refused
   */
  static fromObject(options: PlainObject, surroundings: ConfigSurroundings = {}): LoadedConfig {
    return new LoadedConfig([rootOptionsLayer(options)], surroundings);
  }

  /** What all layers say together. */
  get value(): PlainObject {
    return this.layers.value;
  }

  /** The section at a path, such as `['component', 'components', 'mailer']`; empty where nothing is said. */
  at(path: ConfigPath): ConfigView {
    return new ConfigView(this.layers, path, this.#surroundings);
  }

  /** The section of the root component. */
  get root(): ConfigView {
    return this.at(['component']);
  }

  /** Deprecated options that are given, of the components that have been checked by now. */
  get warnings(): readonly ConfigProblem[] {
    return [...this.#warnings.values()];
  }

  /** @throws {@link ConfigError} when something is wrong at the top level */
  assertSettings(): void {
    if (this.problems.length > 0) throw new ConfigError(this.problems);
  }
}

/** The lowest layer: what code says about the root component. */
export function rootOptionsLayer(options: PlainObject): Layer {
  const fault = findFault(options);
  if (fault) throw new ConfigKeyError(formatPath(['component', ...fault.path]), fault.what);
  return codeLayer({ component: options }, 'set in code');
}
