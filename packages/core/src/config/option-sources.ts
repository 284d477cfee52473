/**
 * Combines the sources of an option into the value that its format reads: the layers, the environment variables
 * declared in schemas, and `--set`. This file neither validates values nor reports problems.
 */
import { dirname } from 'node:path';
import { instanceVariable, readVariable, variableText } from './environment.ts';
import type { FoundValue } from './formats.ts';
import { dataOf } from './json-text.ts';
import type { Origin, Statement } from './layers.ts';
import { isPlainObject, mergeChecked, type PlainObject } from './merge.ts';
import {
  defaultOf,
  isConfigSchema,
  isData,
  isListFormat,
  type ConfigOption,
  type ConfigSchema,
  type Format,
} from './schema.ts';
import { valueAt, type ConfigPath } from './path.ts';
import { layItems, type IndexFault } from './set-items.ts';
import type { OptionsView } from './view.ts';

/** The position of a value that is being read, with its origin. */
export interface OptionPath {
  /** The path of the value in the view. */
  readonly path: ConfigPath;
  /** Whether messages must not quote the value. */
  readonly hidden: boolean;
  /** The origin of the value, if it is a default or an environment variable. */
  readonly origin?: Origin | undefined;
  /** The data of an enclosing section, list or mapping that comes from an environment variable. */
  readonly variable?: VariableData | undefined;
}

/** The value of an option before its format reads it. */
export interface RawOption {
  /** The stated value or the default; undefined if the option has neither. */
  readonly value: unknown;
  readonly position: OptionPath;
  /** Whether a source sets the value, which then is not the default. */
  readonly isStated: boolean;
  /** Whether a source sets the option to null, which means "not set". */
  readonly isNull: boolean;
  /** Whether the value is the text of the variable that the option declares. */
  readonly isVariable: boolean;
  /** An index of `--set` that its list does not have. */
  readonly fault?: IndexFault | undefined;
}

/** The data of an environment variable for a section, a list or a mapping. */
export interface VariableData {
  readonly origin: Origin;
  readonly data: unknown;
  /** The length of the path at which the data starts. */
  readonly depth: number;
}

interface Stated {
  /** Undefined and null mean "not set". */
  readonly value: unknown;
  /** The origin of the whole value, if it does not come from a layer. */
  readonly origin?: Origin | undefined;
  /** The part of the value that comes from an environment variable. */
  readonly variable?: VariableData | undefined;
  /** An index of `--set` that its list does not have. */
  readonly fault?: IndexFault | undefined;
}

/** Determines the raw values of the options of one section. */
export class OptionSources {
  readonly #view: OptionsView;

  constructor(view: OptionsView) {
    this.#view = view;
  }

  /**
   * Returns the raw value of an option with its origin.
   *
   * @param given - the merged values of the layers for its section, without environment variables
   * @param section - the position of the section
   */
  raw(name: string, option: ConfigOption, given: PlainObject, section: OptionPath): RawOption {
    const path = [...section.path, name];
    const position = { ...section, path, hidden: section.hidden || option.sensitive === true };
    const own = Object.hasOwn(given, name) ? given[name] : undefined;
    const stated: Stated = section.origin ? { value: own, origin: section.origin } : this.#stated(option, path, own);
    const { value, fault, origin, variable = section.variable } = stated;
    const isNull = value === null;
    if (value !== undefined && !isNull) {
      const isVariable = !section.origin && origin?.kind === 'environment';
      return { value, position: { ...position, origin, variable }, isStated: true, isNull, isVariable, fault };
    }
    const standard = { ...position, origin: defaultOrigin, variable: undefined };
    const shared = { isStated: false, isNull, isVariable: false, fault };
    return { value: copyOf(defaultOf(option)), position: standard, ...shared };
  }

  /** Returns the facts about a value that its format must know. */
  foundAt(position: OptionPath): FoundValue {
    const origin = this.originOf(position);
    return {
      typed: origin === undefined ? this.#view.typed(position.path) : undefined,
      folder: () => {
        const file = (origin ?? this.#view.origins(position.path)[0])?.file;
        return file === undefined ? this.#view.cwd : dirname(file);
      },
    };
  }

  /** Returns the origin of a value that is a default or comes from an environment variable. */
  originOf({ origin, variable, path }: OptionPath): Origin | undefined {
    return origin ?? this.#originIn(variable, path);
  }

  #stated(option: ConfigOption, path: ConfigPath, given: unknown): Stated {
    const { format } = option;
    const variable = this.#variableOf(option);
    if (isData(format)) {
      if (variable !== undefined || this.#hasIndexes(format, path, given))
        return this.#composed(option, path, variable);
      // A section exists if only variables of its options are set.
      const isAbsent = given === undefined || given === null;
      return { value: isAbsent && isConfigSchema(format) && this.hasVariableIn(format) ? {} : given };
    }
    if (variable !== undefined && !isFromSet(this.#view.origins(path)[0])) {
      return { value: readVariable(this.#view.env, variable), origin: this.#origin(variable) };
    }
    return { value: this.withText(format, path, given) };
  }

  /** Returns the value of a layer. For the format `string`, the text `null` after `--set` stays text. */
  withText(format: Format, path: ConfigPath, given: unknown): unknown {
    return given === null && format === 'string' ? (this.#view.typed(path) ?? null) : given;
  }

  /** Returns the origin of a value that comes from the data of an environment variable. */
  #originIn(variable: VariableData | undefined, path: ConfigPath): Origin | undefined {
    if (!variable || valueAt(variable.data, path.slice(variable.depth)) === undefined) return undefined;
    return isFromSet(this.#view.origins(path)[0]) ? undefined : variable.origin;
  }

  #origin(variable: string): Origin {
    return { kind: 'environment', text: variableText(this.#view.env, variable) };
  }

  /** Returns the environment variable that the option declares, if it is set. */
  #variableOf({ env }: ConfigOption): string | undefined {
    if (env === undefined) return undefined;
    const variable = instanceVariable(env, this.#view.resourceName);
    return readVariable(this.#view.env, variable) === undefined ? undefined : variable;
  }

  /** Returns whether the variable that an option declares is set. */
  hasVariable(option: ConfigOption): boolean {
    return this.#variableOf(option) !== undefined;
  }

  /** Returns whether the variable of an option in a section is set. */
  hasVariableIn({ options }: ConfigSchema): boolean {
    return Object.values(options).some(
      (option) => this.hasVariable(option) || (isConfigSchema(option.format) && this.hasVariableIn(option.format)),
    );
  }

  /** Whether `--set` sets single items of a list that no layer contains. */
  #hasIndexes(format: Format, path: ConfigPath, given: unknown): boolean {
    return isListFormat(format) && isPlainObject(given) && isFromSet(this.#view.origins(path)[0]);
  }

  #composed(option: ConfigOption, path: ConfigPath, variable: string | undefined): Stated {
    const statements = this.#view.statements(path).toReversed();
    const sets = statements.filter(({ origin }) => isFromSet(origin));
    // `--set` replaces everything below it, except with a mapping.
    const start = sets.findLastIndex(({ value }) => !isPlainObject(value));
    const below = start < 0 ? statements.filter(({ origin }) => !isFromSet(origin)) : sets.slice(0, start + 1);
    let value = below.reduce<unknown>(laidOver, undefined);
    let given: VariableData | undefined;
    if (start < 0 && variable !== undefined) {
      const text = readVariable(this.#view.env, variable);
      const data = dataOf(text);
      const origin = this.#origin(variable);
      if (isListFormat(option.format) ? !Array.isArray(data) : !isPlainObject(data)) return { value: text, origin };
      given = { origin, data, depth: path.length };
      value = laidOver(value, { value: data });
    }
    if (isListFormat(option.format)) value ??= defaultOf(option) ?? [];
    let fault: IndexFault | undefined;
    for (const { value: items } of sets.slice(start + 1)) {
      value = layItems(value, items, [...this.#view.path, ...path], (found) => {
        fault = found;
      });
    }
    return { value, variable: given, fault };
  }
}

const defaultOrigin: Origin = { kind: 'default', text: 'default' };

/** Copies a default, so that two components do not share a mutable value. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (isPlainObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyOf(item)]));
  const isData = [RegExp, Date, Map, Set, Uint8Array].some((type) => value instanceof type);
  return isData ? structuredClone(value) : value;
}

/** Returns whether a value comes from `--set` or an `ASPHALT_SET_…` variable. */
export function isFromSet(origin: Origin | undefined): boolean {
  return origin?.kind === 'set' || origin?.kind === 'environment';
}

function laidOver(below: unknown, { value }: Pick<Statement, 'value'>): unknown {
  return isPlainObject(below) && isPlainObject(value) ? mergeChecked(below, value) : value;
}
