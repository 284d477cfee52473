/** The configuration of one component: its section, its origins and the options that code sets for it. */
import type { BundledModules } from './bundled-modules.ts';
import type { Environment } from './environment.ts';
import {
  codeLayer,
  mergeLayers,
  partOf,
  statementsOf,
  type Layer,
  type LayeredConfig,
  type Origin,
  type Statement,
} from './layers.ts';
import { findFault, isPlainObject, mergeChecked, type PlainObject } from './merge.ts';
import { ConfigKeyError, type ConfigProblem } from './errors.ts';
import { formatPath, valueAt, type ConfigPath } from './path.ts';

/** The section that validation reads. */
export interface OptionsView {
  readonly path: ConfigPath;
  /** The configured value at `path`. It is unchecked, so it may not be a mapping. */
  readonly found: unknown;
  /** The unchecked options; empty if none are set. */
  readonly section: PlainObject;
  /** The name of the component's resources, which also selects its environment variables. */
  readonly resourceName: string;
  readonly env: Environment;
  /** The folder that relative paths from sources other than files start from. */
  readonly cwd: string;
  /** Returns the origins of a value: first that of the effective value, then those of the values it overrides. */
  origins(path: ConfigPath): readonly Origin[];
  /** Returns what each layer sets at a path, starting with the effective value. */
  statements(path: ConfigPath): readonly Statement[];
  /** Whether a tag such as `!Env` produces a value or a part of it. */
  hasTag(path: ConfigPath): boolean;
  /** Returns the text after `--set path=`; undefined if the value has another origin. */
  typed(path: ConfigPath): string | undefined;
  /** Returns the line of the file that contains a value; undefined if the value has another origin. */
  codeFrame(path: ConfigPath, withValue: boolean): string | undefined;
  /** Reports a deprecated option. */
  warn(warning: ConfigProblem): void;
}

/** What all views of a configuration share. */
export interface ViewOptions {
  readonly env: Environment;
  readonly cwd: string;
  readonly bundled?: BundledModules | undefined;
  readonly warn: (warning: ConfigProblem) => void;
}

/** The path of the section, or the alias of a child in the section of its parent. */
type Place = ConfigPath | { readonly parent: ConfigView; readonly alias: string };

/** The section of a component that is not configured. */
const nothing: PlainObject = Object.freeze({});

/** The section of one component, merged over the options that code sets for it. */
export class ConfigView implements OptionsView {
  readonly found: unknown;
  readonly section: PlainObject;
  readonly env: Environment;
  readonly cwd: string;
  readonly #place: Place;
  readonly #config: LayeredConfig;
  /** The layers set in code, lowest first: the component's own parent before the parents of that parent. */
  readonly #below: readonly Layer[];
  readonly #options: ViewOptions;

  constructor(config: LayeredConfig, place: Place, options: ViewOptions, below: readonly Layer[] = []) {
    this.#place = place;
    this.env = options.env;
    this.cwd = options.cwd;
    this.#config = config;
    this.#below = below;
    this.#options = options;
    const found =
      'alias' in place ? valueAt(place.parent.found, ['components', place.alias]) : valueAt(config.value, place);
    this.found = found ?? nothing;
    const configured = isPlainObject(this.found) ? this.found : nothing;
    this.section = below.length === 0 ? configured : this.#overBelow(configured);
  }

  /** The modules inside a built application. */
  get bundled(): BundledModules | undefined {
    return this.#options.bundled;
  }

  /** Computed on each read. Storing the paths of all components would take quadratic memory in a deep tree. */
  get path(): ConfigPath {
    const keys: string[] = [];
    let place = this.#place;
    for (; 'alias' in place; place = place.parent.#place) keys.push(place.alias, 'components');
    return [...place, ...keys.reverse()];
  }

  /** The part of the alias after the slash; `default` for an alias without a slash and for the root. */
  get resourceName(): string {
    const alias = this.path.at(-1) ?? '';
    const slash = alias.indexOf('/');
    return slash < 0 ? 'default' : alias.slice(slash + 1);
  }

  /** The aliases in the section's `components`. */
  get childAliases(): string[] {
    const children = this.section['components'];
    return isPlainObject(children) ? Object.keys(children) : [];
  }

  /** Returns the section of a child; empty if it is not configured. */
  child(alias: string): ConfigView {
    const below = this.#below
      .map((layer) => partOf(layer, ['components', alias]))
      .filter((layer) => layer !== undefined);
    return new ConfigView(this.#config, { parent: this, alias }, this.#options, below);
  }

  /**
   * Returns this section with options from code below everything else.
   *
   * @param label - returns the origin in the code, such as `set in code by component "app"`
   * @throws {@link ConfigKeyError} when the options have a forbidden key, contain themselves or are nested too deeply
   */
  withDefaults(options: PlainObject, label: () => string): ConfigView {
    const fault = findFault(options);
    if (fault) throw new ConfigKeyError(formatPath([...this.path, ...fault.path]), fault.what);
    const below = [codeLayer(options, label), ...this.#below];
    return new ConfigView(this.#config, this.#place, this.#options, below);
  }

  #overBelow(configured: PlainObject): PlainObject {
    const path = this.path;
    if (!this.#config.hasSets) return mergeChecked(mergeLayers(this.#below, path), configured);
    // An index of `--set` may refer to a list that is set in code.
    const parts = this.#config.layers.map((layer) => partOf(layer, path)).filter((layer) => layer !== undefined);
    return mergeLayers([...this.#below, ...parts], path);
  }

  hasTag(path: ConfigPath): boolean {
    return this.#config.hasTag([...this.path, ...path]);
  }

  typed(path: ConfigPath): string | undefined {
    return this.#config.typed([...this.path, ...path]);
  }

  origins(path: ConfigPath): Origin[] {
    return this.statements(path).map(({ origin }) => origin);
  }

  /** Returns what each layer sets at a path; layers set in code are last. */
  statements(path: ConfigPath): Statement[] {
    return [...this.#config.statements([...this.path, ...path]), ...statementsOf(this.#below, path)];
  }

  codeFrame(path: ConfigPath, withValue: boolean): string | undefined {
    return this.#config.codeFrame([...this.path, ...path], withValue);
  }

  warn(warning: ConfigProblem): void {
    this.#options.warn(warning);
  }
}
