/**
 * Combines the sources of an option into the value that its format reads: the layers, the environment variables
 * declared in schemas, and `--set`. This file neither validates values nor reports problems.
 */
import { instanceVariable, readVariable } from './environment.ts';
import { dataOf } from './formats.ts';
import type { Origin, Statement } from './layers.ts';
import { isPlainObject, mergeChecked } from './merge.ts';
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

/** The data of an environment variable for a section, a list or a mapping. */
export interface VariableData {
  readonly origin: Origin;
  readonly data: unknown;
  /** The length of the path at which the data starts. */
  readonly depth: number;
}

export interface Stated {
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
   * @param given - the merged value of the layers, without environment variables
   */
  stated(option: ConfigOption, path: ConfigPath, given: unknown): Stated {
    const { format } = option;
    const variable = this.#variableOf(option);
    if (isData(format)) {
      if (variable !== undefined || this.#hasIndexes(format, path, given))
        return this.#composed(option, path, variable);
      // A section exists if only variables of its options are set.
      const isAbsent = given === undefined || given === null;
      return { value: isAbsent && isConfigSchema(format) && this.#hasVariable(format) ? {} : given };
    }
    if (variable !== undefined && !isFromSet(this.#view.origins(path)[0])) {
      return { value: readVariable(this.#view.env, variable), origin: originOf(variable) };
    }
    return { value: this.withText(format, path, given) };
  }

  /** Returns the value of a layer. For the format `string`, the text `null` after `--set` stays text. */
  withText(format: Format, path: ConfigPath, given: unknown): unknown {
    return given === null && format === 'string' ? (this.#view.typed(path) ?? null) : given;
  }

  /** Returns the origin of a value that comes from the data of an environment variable. */
  originIn(variable: VariableData | undefined, path: ConfigPath): Origin | undefined {
    if (!variable || valueAt(variable.data, path.slice(variable.depth)) === undefined) return undefined;
    return isFromSet(this.#view.origins(path)[0]) ? undefined : variable.origin;
  }

  /** Returns the environment variable that the option declares, if it is set. */
  #variableOf({ env }: ConfigOption): string | undefined {
    if (env === undefined) return undefined;
    const variable = instanceVariable(env, this.#view.resourceName);
    return readVariable(this.#view.env, variable) === undefined ? undefined : variable;
  }

  #hasVariable({ options }: ConfigSchema): boolean {
    return Object.values(options).some(
      (option) =>
        this.#variableOf(option) !== undefined || (isConfigSchema(option.format) && this.#hasVariable(option.format)),
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
      const origin = originOf(variable);
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

/** Returns whether a value comes from `--set` or an `ASPHALT_SET_…` variable. */
export function isFromSet(origin: Origin | undefined): boolean {
  return origin?.kind === 'set' || origin?.kind === 'environment';
}

function originOf(variable: string): Origin {
  return { kind: 'environment', text: `environment variable ${variable}` };
}

function laidOver(below: unknown, { value }: Pick<Statement, 'value'>): unknown {
  return isPlainObject(below) && isPlainObject(value) ? mergeChecked(below, value) : value;
}
