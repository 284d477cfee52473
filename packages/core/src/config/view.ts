/** The configuration as one component sees it. */
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

/** What validation needs to know about the section that it checks. */
export interface OptionsView {
  readonly path: ConfigPath;
  /** What the configuration says at `path`: a mapping if it is right, anything if it is not. */
  readonly found: unknown;
  /** The options as they were given, unchecked; empty when nothing was given. */
  readonly section: PlainObject;
  /** The name that belongs to the component's resources; it decides which environment variables it reads. */
  readonly resourceName: string;
  readonly env: Environment;
  /** Where relative paths start that no file says. */
  readonly cwd: string;
  /** The origins of a value in the section: first of the one that holds, then of those it overrides. */
  origins(path: ConfigPath): readonly Origin[];
  /** What each layer contains for a value in the section: first the one that holds. */
  statements(path: ConfigPath): readonly Statement[];
  /** Whether a tag such as `!Env` gives a value, or something in it. */
  hasTag(path: ConfigPath): boolean;
  /** The text that `--set` gave for a value; undefined for one that comes from elsewhere. */
  typed(path: ConfigPath): string | undefined;
  /** The line of the file that a value comes from; undefined for one that comes from elsewhere. */
  picture(path: ConfigPath, withValue: boolean): string | undefined;
  /** Takes what is no error but should be changed. */
  warn(warning: ConfigProblem): void;
}

interface Surroundings {
  readonly env: Environment;
  readonly cwd: string;
  readonly warn: (warning: ConfigProblem) => void;
}

/** A path, or where a child stands in the section of its parent. */
type Place = ConfigPath | { readonly parent: ConfigView; readonly alias: string };

/** What is said of most components. */
const nothing: PlainObject = Object.freeze({});

/** The section of one component, with the options that were set in code underneath. */
export class ConfigView implements OptionsView {
  readonly found: unknown;
  readonly section: PlainObject;
  readonly env: Environment;
  readonly cwd: string;
  readonly #place: Place;
  readonly #config: LayeredConfig;
  /** Set in code, lowest first: a component's own parent before the parents of that parent. */
  readonly #below: readonly Layer[];
  readonly #surroundings: Surroundings;

  constructor(config: LayeredConfig, place: Place, surroundings: Surroundings, below: readonly Layer[] = []) {
    this.#place = place;
    this.env = surroundings.env;
    this.cwd = surroundings.cwd;
    this.#config = config;
    this.#below = below;
    this.#surroundings = surroundings;
    const found =
      'alias' in place ? valueAt(place.parent.found, ['components', place.alias]) : valueAt(config.value, place);
    this.found = found ?? nothing;
    const configured = isPlainObject(this.found) ? this.found : nothing;
    this.section = below.length === 0 ? configured : this.#overBelow(configured);
  }

  /** Made each time: the paths of a deep tree are long, all together, and few are asked for. */
  get path(): ConfigPath {
    const keys: string[] = [];
    let place = this.#place;
    for (; 'alias' in place; place = place.parent.#place) keys.push(place.alias, 'components');
    return [...place, ...keys.reverse()];
  }

  /** The part of the alias behind the slash; `default` without one, and for the root. */
  get resourceName(): string {
    const alias = this.path.at(-1) ?? '';
    const slash = alias.indexOf('/');
    return slash < 0 ? 'default' : alias.slice(slash + 1);
  }

  /** The aliases that the section names below `components`. */
  get childAliases(): string[] {
    const children = this.section['components'];
    return isPlainObject(children) ? Object.keys(children) : [];
  }

  /** The section of a child; empty when nothing is said about it. */
  child(alias: string): ConfigView {
    const below = this.#below
      .map((layer) => partOf(layer, ['components', alias]))
      .filter((layer) => layer !== undefined);
    return new ConfigView(this.#config, { parent: this, alias }, this.#surroundings, below);
  }

  /**
   * The same section with options set in code under everything else.
   *
   * @param label - tells where in the code, such as `set in code by component "app"`
   * @throws {@link ConfigKeyError} when the options hold a key that is refused
   */
  withDefaults(options: PlainObject, label: string): ConfigView {
    const fault = findFault(options);
    if (fault) throw new ConfigKeyError(formatPath([...this.path, ...fault.path]), fault.what);
    const below = [codeLayer(options, label), ...this.#below];
    return new ConfigView(this.#config, this.#place, this.#surroundings, below);
  }

  #overBelow(configured: PlainObject): PlainObject {
    const path = this.path;
    if (!this.#config.hasSets) return mergeChecked(mergeLayers(this.#below, path), configured);
    // An index of `--set` may lead into a list that code gives.
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

  /** What each layer says about a value in the section, with what code set last. */
  statements(path: ConfigPath): Statement[] {
    return [...this.#config.statements([...this.path, ...path]), ...statementsOf(this.#below, path)];
  }

  picture(path: ConfigPath, withValue: boolean): string | undefined {
    return this.#config.picture([...this.path, ...path], withValue);
  }

  warn(warning: ConfigProblem): void {
    this.#surroundings.warn(warning);
  }
}
