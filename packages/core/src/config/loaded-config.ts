/**
 * A loaded configuration with all of its layers. It validates the settings of the application itself. The options of
 * components are validated when their schemas are known.
 */
import type { BundledModules } from './bundled-modules.ts';
import { defineConfig, type ConfigOf } from './define.ts';
import type { Environment } from './environment.ts';
import { ConfigError, ConfigKeyError, type ConfigProblem, type Validated } from './errors.ts';
import { codeLayer, LayeredConfig, type Layer } from './layers.ts';
import { loggingSection, withLevelName } from './logging-setting.ts';
import { findFault, type PlainObject } from './merge.ts';
import { formatPath, type ConfigPath } from './path.ts';
import { normalized } from './normalize.ts';
import { validateUnset } from './validate-unset.ts';
import { ConfigView, type ViewOptions } from './view.ts';

/** The settings at the top level, next to the root component. */
export const applicationSettings = defineConfig({
  startTimeout: { doc: 'Time limit for the start of the application', format: 'duration' },
  stopTimeout: { doc: 'Time limit for the stop of the application', format: 'duration' },
  logging: { doc: 'Level, format and file of the log, or only a level', format: loggingSection },
});

/** The settings of the application itself. */
export type ApplicationSettings = ConfigOf<typeof applicationSettings>;

/** What options can read besides the layers. */
export interface LoadOptions {
  /** The environment variables that options can read. @defaultValue `process.env` */
  readonly env?: Environment;
  /** The folder that relative paths from sources other than files start from. @defaultValue `process.cwd()` */
  readonly cwd?: string;
  /** The modules inside a built application. @internal */
  readonly bundled?: BundledModules | undefined;
}

interface Parts extends Partial<Pick<LoadedConfig, 'service' | 'services' | 'unused'>> {
  readonly layers: LayeredConfig;
  readonly validated: Validated<ApplicationSettings>;
  readonly warnings: ReadonlyMap<string, ConfigProblem>;
  readonly viewOptions: ViewOptions;
}

/** The settings of a configuration that sets none. */
const noSettings: ApplicationSettings = Object.freeze({
  startTimeout: undefined,
  stopTimeout: undefined,
  logging: undefined,
});

/** A key of the configuration that nothing reads. */
export interface UnusedKey {
  readonly path: string;
  readonly from: string | undefined;
}

/**
 * Returns whether a key of the top level starts with `x-`. Such keys are free for the user, for example for YAML
 * anchors.
 */
export function isFreeKey(key: string): boolean {
  return key.startsWith('x-');
}

/** The merged layers of a configuration, with its validated top level. */
export class LoadedConfig {
  /** @internal */
  readonly layers: LayeredConfig;
  /** The selected service; undefined if the configuration defines no services. */
  readonly service: string | undefined;
  /** The names of all services. */
  readonly services: readonly string[];
  /** The validated settings of the top level. */
  readonly settings: ApplicationSettings;
  /** The problems of the top level. */
  readonly problems: readonly ConfigProblem[];
  /** The keys that no service reads. */
  readonly unused: readonly UnusedKey[];
  /** By path and message, so that validating a component twice adds no second warning. */
  readonly #warnings: ReadonlyMap<string, ConfigProblem>;
  readonly #viewOptions: ViewOptions;

  private constructor({ layers, service, services = [], unused = [], validated, warnings, viewOptions }: Parts) {
    this.layers = layers;
    this.service = service;
    this.services = services;
    this.unused = unused;
    this.settings = validated.value;
    this.problems = validated.problems.map(withLevelName);
    this.#warnings = warnings;
    this.#viewOptions = viewOptions;
  }

  /** Creates a configuration from the normalized layers of one service; a later layer wins. @internal */
  static async fromLayers(
    all: readonly Layer[],
    {
      service,
      services = [],
      unused = [],
      ...options
    }: LoadOptions & Partial<Pick<LoadedConfig, 'service' | 'services' | 'unused'>>,
  ): Promise<LoadedConfig> {
    const layers = new LayeredConfig(all);
    const basis = basisOf(options);
    const view = new ConfigView(layers, [], basis.viewOptions);
    const structural = ['component', 'services', ...Object.keys(layers.value).filter(isFreeKey)];
    const validated =
      validateUnset(applicationSettings, view, structural) ??
      (await import('./validate.ts')).validateOptions(applicationSettings, view, structural);
    return new LoadedConfig({ layers, service, services, unused, ...basis, validated });
  }

  /**
   * Creates a configuration that contains only options of the root component, set in code. Its `components` sets the
   * options of child components. The object is not modified.
   *
   * @throws {@link ConfigKeyError} when it has a forbidden key, contains itself or is nested too deeply
   */
  static fromObject(options: PlainObject, loadOptions: LoadOptions = {}): LoadedConfig {
    const layers = new LayeredConfig([normalized(rootOptionsLayer(options))]);
    return new LoadedConfig({ layers, ...basisOf(loadOptions), validated: { value: noSettings, problems: [] } });
  }

  /** The merged data of all layers. */
  get value(): PlainObject {
    return this.layers.value;
  }

  /**
   * Returns the section at a path such as `['component', 'components', 'mailer']`; empty if the configuration has none.
   *
   * @internal
   */
  at(path: ConfigPath): ConfigView {
    return new ConfigView(this.layers, path, this.#viewOptions);
  }

  /** The section of the root component. */
  get root(): ConfigView {
    return this.at(['component']);
  }

  /** Deprecated options in use, and references that are taken literally, of all components validated so far. */
  get warnings(): readonly ConfigProblem[] {
    return [...this.#warnings.values()];
  }

  /** @throws {@link ConfigError} when the top level has problems */
  assertSettings(): void {
    if (this.problems.length > 0) throw new ConfigError(this.problems);
  }
}

/** Creates what all views of a configuration share. */
function basisOf({
  env = process.env,
  cwd = process.cwd(),
  bundled,
}: LoadOptions): Pick<Parts, 'warnings' | 'viewOptions'> {
  const warnings = new Map<string, ConfigProblem>();
  const warn = (warning: ConfigProblem): void => void warnings.set(`${warning.path} ${warning.message}`, warning);
  return { warnings, viewOptions: { env, cwd, bundled, warn } };
}

/** Creates the lowest layer: the options of the root component that code sets. */
export function rootOptionsLayer(options: PlainObject): Layer {
  const fault = findFault(options);
  if (fault) throw new ConfigKeyError(formatPath(['component', ...fault.path]), fault.what);
  return codeLayer({ component: options }, () => 'set in code');
}
