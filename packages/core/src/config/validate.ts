/**
 * Validates a section of the configuration against a schema, with convict. No other file uses convict.
 *
 * convict holds the schema, applies its defaults and walks it. It does not convert values: its own formats read `12abc`
 * as 12 and `no` as true, its format registry is shared by the whole process, and it reports joined strings. So the
 * format of each option is a function that reads the value and records its problems. Values are passed in one-element
 * lists, because convict would split an object into options and convert text by the type of the default. Nested
 * sections are validated in the same way.
 */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type Convict from 'convict';
import { structuralKeys } from './define.ts';
import type { ConfigProblem } from './errors.ts';
import { dataOf, parseValue, readsText } from './formats.ts';
import type { Origin } from './layers.ts';
import { isPlainObject, type PlainObject } from './merge.ts';
import {
  defaultOf,
  isConfigSchema,
  isListFormat,
  isMapFormat,
  type ConfigOption,
  type ConfigSchema,
  type Format,
  type ValueFormat,
} from './schema.ts';
import { OptionProblems, type OptionPath } from './option-problems.ts';
import { OptionSources } from './option-sources.ts';
import type { OptionsView } from './view.ts';

const require = createRequire(import.meta.url);
let loaded: typeof Convict | undefined;

/** Loads convict on first use. An application without options does not need it. */
function loadConvict(): typeof Convict {
  return (loaded ??= require('convict') as typeof Convict);
}

/** The result of a validation. */
export interface Validated<T extends object> {
  /** The options with their defaults, frozen. Complete only if there are no problems. */
  readonly value: T;
  readonly problems: readonly ConfigProblem[];
}

type Options = Readonly<Record<string, ConfigOption>>;

/**
 * Validates a section and returns all of its problems. An environment variable that the schema declares overrides the
 * section, but not a value from `--set`. `null` means "not set", so the default takes effect. Deprecated options in use
 * are reported with `view.warn()`.
 *
 * @param structural - keys of the section that are not options and are read elsewhere
 */
export function validateOptions<T extends object>(
  schema: ConfigSchema<T>,
  view: OptionsView,
  structural: readonly string[] = structuralKeys,
): Validated<T> {
  const check = new Check(view);
  check.shape(structural);
  const value = check.section(schema.options, view.section, { path: [], hidden: false }, structural);
  return { value: value as T, problems: check.problems.all };
}

const defaultOrigin: Origin = { kind: 'default', text: 'default' };

const noOptions: PlainObject = Object.freeze({});

class Check {
  readonly problems: OptionProblems;
  readonly #view: OptionsView;
  readonly #sources: OptionSources;

  constructor(view: OptionsView) {
    this.#view = view;
    this.#sources = new OptionSources(view);
    this.problems = new OptionProblems(view, this.#sources);
  }

  shape(structural: readonly string[]): void {
    const { found, section } = this.#view;
    const children = section['components'];
    if (!isPlainObject(found)) this.problems.shape([], 'must be a mapping of options', found);
    else if (structural.includes('components') && children !== undefined && !isPlainObject(children)) {
      this.problems.shape(['components'], 'must be a mapping of aliases', children);
    }
  }

  section(options: Options, given: PlainObject, position: OptionPath, structural: readonly string[]): PlainObject {
    for (const name of Object.keys(given)) {
      if (Object.hasOwn(options, name) || structural.includes(name)) continue;
      this.problems.unknown(position, name, [...Object.keys(options), ...structural]);
    }
    if (Object.keys(options).length === 0) return noOptions;
    const value: Record<string, unknown> = {};
    const definitions: Record<string, object> = {};
    const values: Record<string, readonly [unknown]> = {};
    for (const [name, option] of Object.entries(options)) {
      value[name] = undefined;
      const standard = defaultOf(option);
      const path = [...position.path, name];
      const inside = { ...position, path, hidden: position.hidden || option.sensitive === true };
      const own = Object.hasOwn(given, name) ? given[name] : undefined;
      const stated = position.origin
        ? { value: own, origin: position.origin }
        : this.#sources.stated(option, path, own);
      if (stated.fault) {
        this.problems.index(stated.fault);
        continue;
      }
      const isStated = stated.value !== undefined && stated.value !== null;
      if (isStated) values[name] = [stated.value];
      else {
        if (option.required === true) this.problems.missing(path, option, stated.value === null);
        if (standard === undefined) continue;
      }
      definitions[name] = {
        default: typeof standard === 'object' ? [standard] : standard,
        format: (cell: unknown) => {
          const inner: OptionPath = isStated
            ? { ...inside, origin: stated.origin, variable: stated.variable ?? position.variable }
            : { ...inside, origin: defaultOrigin, variable: undefined };
          // If the value is not set, convict passes a fresh copy of the default, in a one-element list if it is an
          // object.
          const raw: unknown = Array.isArray(cell) ? cell[0] : cell;
          if (isStated && option.deprecated !== undefined) this.problems.warn(inner, option.deprecated);
          value[name] = this.#read(option.format, raw, inner);
        },
      };
    }
    // Does not load convict if no option has a value or a default.
    if (Object.keys(definitions).length === 0) return Object.freeze(value);
    // Without `args`, convict would read the arguments of the process.
    loadConvict()(definitions, { env: {}, args: [] }).load(values).validate({ allowed: 'strict' });
    return Object.freeze(value);
  }

  #read(format: Format, raw: unknown, position: OptionPath): unknown {
    if (isConfigSchema(format)) {
      const data = dataOf(raw);
      if (isPlainObject(data)) return this.section(format.options, data, position, []);
      return this.problems.wrong(position, { message: 'must be a mapping of options', format, raw }, false);
    }
    if (isListFormat(format)) {
      const data = dataOf(raw);
      if (!Array.isArray(data)) return this.problems.wrong(position, { message: 'must be a list', format, raw }, false);
      return Object.freeze(data.map((item, index) => this.#read(format.items, item, within(position, String(index)))));
    }
    if (isMapFormat(format)) {
      const data = dataOf(raw);
      if (!isPlainObject(data))
        return this.problems.wrong(position, { message: 'must be a mapping', format, raw }, false);
      const read = Object.keys(data).flatMap((key) => {
        const inner = within(position, key);
        const value = this.#sources.withText(format.values, inner.path, data[key]);
        return value === undefined || value === null ? [] : [[key, this.#read(format.values, value, inner)] as const];
      });
      return Object.freeze(Object.fromEntries(read));
    }
    return this.#readValue(format, raw, position);
  }

  /** Reads a value whose format is neither a section nor a list nor a mapping of formats. */
  #readValue(format: ValueFormat, raw: unknown, position: OptionPath): unknown {
    const typed = this.#originOf(position) === undefined ? this.#view.typed(position.path) : undefined;
    const folder = (): string => {
      const file = (this.#originOf(position) ?? this.#view.origins(position.path)[0])?.file;
      return file === undefined ? this.#view.cwd : dirname(file);
    };
    const isText = typed !== undefined && readsText(format);
    const parsed = parseValue(format, isText ? typed : raw, { typed, folder });
    if ('value' in parsed) return parsed.value;
    const { expected: message, detail, help } = parsed;
    const isMapping = format === 'object';
    return this.problems.wrong(
      position,
      { message, detail, format, raw: isText && typeof raw === 'object' ? typed : raw, help },
      !isMapping,
    );
  }

  #originOf({ origin, variable, path }: OptionPath): Origin | undefined {
    return origin ?? this.#sources.originIn(variable, path);
  }
}

function within(position: OptionPath, key: string): OptionPath {
  return { ...position, path: [...position.path, key] };
}
