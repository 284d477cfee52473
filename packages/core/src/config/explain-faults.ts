/**
 * Reads a section option by option and explains every problem: its origin, a near miss and a code frame.
 *
 * `validate.ts` runs this only if convict rejects the section, and for values that convict cannot hold. Both use the same
 * formats, so they accept the same values.
 */
import { faultsOf } from './checks.ts';
import { parseValue } from './formats.ts';
import { dataOf } from './json-text.ts';
import { LeftOut } from './left-out.ts';
import { canRefer } from './literal-references.ts';
import { isPlainObject, type PlainObject } from './merge.ts';
import { OptionProblems } from './option-problems.ts';
import { OptionSources, type OptionPath, type RawOption } from './option-sources.ts';
import {
  isConfigSchema,
  isListFormat,
  isMapFormat,
  readsText,
  type ConfigOption,
  type ConfigSchema,
  type Format,
  type ValueFormat,
} from './schema.ts';
import type { ConfigProblem, Validated } from './errors.ts';
import type { ConfigPath } from './path.ts';
import type { OptionsView } from './view.ts';

/** Returns all problems of a section, and the values of the options without problems. */
export function explainFaults(
  schema: ConfigSchema,
  view: OptionsView,
  structural: readonly string[],
): Validated<PlainObject> {
  const reader = new OptionReader(schema, view);
  reader.shape(structural);
  const value = reader.section(schema.options, view.section, { path: [], hidden: false }, structural);
  return { value, problems: reader.problems.all };
}

/** Returns the problems that the checks of schemas find in accepted options. */
export function explainChecks(schema: ConfigSchema, view: OptionsView, value: PlainObject): readonly ConfigProblem[] {
  const sources = new OptionSources(view);
  const problems = new OptionProblems(schema, view, sources);
  try {
    for (const { path, message, help } of faultsOf(schema, value)) {
      const { position, raw, format } = locate(schema, view.section, path, sources);
      problems.unusable(position, { message, format, raw, help });
    }
  } catch (error) {
    problems.brokenCheck(error);
  }
  return problems.all;
}

/** Returns the format and the raw value at a path, with its origin. */
function locate(
  schema: Format,
  section: PlainObject,
  path: ConfigPath,
  sources: OptionSources,
): { readonly position: OptionPath; readonly raw: unknown; readonly format: Format } {
  let format = schema;
  let raw: unknown = section;
  let position: OptionPath = { path: [], hidden: false };
  for (const key of path) {
    const data = dataOf(raw);
    if (isConfigSchema(format)) {
      const option: ConfigOption | undefined = format.options[key];
      if (!option) throw new TypeError(`A check of options names \`${key}\`, which is no option`);
      ({ value: raw, position } = sources.raw(key, option, isPlainObject(data) ? data : {}, position));
      ({ format } = option);
    } else {
      position = within(position, key);
      raw = (data as PlainObject | undefined)?.[key];
      if (isListFormat(format)) format = format.items;
      else if (isMapFormat(format)) format = format.values;
    }
  }
  return { position, raw, format };
}

/** Reads values and collects their problems. */
export class OptionReader {
  readonly problems: OptionProblems;
  readonly #view: OptionsView;
  readonly #sources: OptionSources;

  constructor(schema: ConfigSchema, view: OptionsView, sources: OptionSources = new OptionSources(view)) {
    this.#view = view;
    this.#sources = sources;
    this.problems = new OptionProblems(schema, view, sources);
  }

  shape(structural: readonly string[]): void {
    const { found, section } = this.#view;
    const children = section['components'];
    if (!isPlainObject(found)) this.problems.shape([], 'must be a mapping of options', found);
    else if (structural.includes('components') && children !== undefined && !isPlainObject(children)) {
      this.problems.shape(['components'], 'must be a mapping of aliases', children);
    }
  }

  section(
    options: ConfigSchema['options'],
    given: PlainObject,
    position: OptionPath,
    structural: readonly string[],
  ): PlainObject {
    for (const name of Object.keys(given)) {
      if (Object.hasOwn(options, name) || structural.includes(name)) continue;
      this.problems.unknown(position, name, [...Object.keys(options), ...structural]);
    }
    const value: Record<string, unknown> = {};
    const found: Array<readonly [name: string, option: ConfigOption, raw: RawOption]> = [];
    for (const [name, option] of Object.entries(options)) {
      const raw = this.#sources.raw(name, option, given, position);
      value[name] = undefined;
      if (raw.fault) this.problems.index(raw.fault);
      else if (raw.value instanceof LeftOut) this.problems.leftOut(raw.position.path, option);
      else if (raw.value !== undefined) found.push([name, option, raw]);
      else if (option.required === true) this.problems.missing(raw.position.path, option, raw.isNull);
    }
    // Missing options are listed before the others: their absence often explains the rest.
    for (const [name, option, raw] of found) {
      if (raw.isStated && option.deprecated !== undefined) this.problems.warn(raw.position, option.deprecated);
      value[name] = this.read(option.format, raw.value, raw.position);
    }
    return Object.freeze(value);
  }

  /** Returns the value that a format reads; undefined, and a problem, if it does not match the format. */
  read(format: Format, raw: unknown, position: OptionPath): unknown {
    if (isConfigSchema(format)) {
      const data = dataOf(raw);
      if (isPlainObject(data)) return this.section(format.options, data, position, []);
      return this.problems.wrong(position, { message: 'must be a mapping of options', format, raw }, false);
    }
    if (isListFormat(format)) {
      const data = dataOf(raw);
      if (!Array.isArray(data)) return this.problems.wrong(position, { message: 'must be a list', format, raw }, false);
      return Object.freeze(data.map((item, index) => this.read(format.items, item, within(position, String(index)))));
    }
    if (isMapFormat(format)) {
      const data = dataOf(raw);
      if (!isPlainObject(data))
        return this.problems.wrong(position, { message: 'must be a mapping', format, raw }, false);
      const read = Object.keys(data).flatMap((key) => {
        const inner = within(position, key);
        const value = this.#sources.withText(format.values, inner.path, data[key]);
        return value === undefined || value === null ? [] : [[key, this.read(format.values, value, inner)] as const];
      });
      return Object.freeze(Object.fromEntries(read));
    }
    return this.#readValue(format, raw, position);
  }

  /** Reads a value whose format is neither a section nor a list nor a mapping of formats. */
  #readValue(format: ValueFormat, raw: unknown, position: OptionPath): unknown {
    const found = this.#sources.foundAt(position);
    const parsed = parseValue(format, raw, found);
    if ('value' in parsed) {
      if (canRefer(format)) this.problems.literal(position, raw);
      return parsed.value;
    }
    const { expected: message, detail, help } = parsed;
    // Data in typed text has no meaning for a format that reads text.
    const shown = typeof raw === 'object' && readsText(format) ? (found.typed ?? raw) : raw;
    return this.problems.wrong(position, { message, detail, format, raw: shown, help }, format !== 'object');
  }
}

function within(position: OptionPath, key: string): OptionPath {
  return { ...position, path: [...position.path, key] };
}
