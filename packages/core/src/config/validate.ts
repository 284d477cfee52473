/**
 * Checking a section of the configuration against a schema, with convict; no other file knows convict.
 *
 * convict holds the schema, applies its defaults and walks it. What it makes of values is ours: its own formats read
 * `12abc` as 12 and `no` as true, it keeps formats in module-wide registries, and it reports by joined strings. So
 * each option gets a function as its format, which reads the value and writes down what is wrong with it. A value is
 * handed over in a list of one, because convict leaves lists alone, where it would split an object into options and
 * convert text by the type of the default. A section inside of a section is walked in the same way.
 */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type Convict from 'convict';
import { nearMisses } from '../errors/near-misses.ts';
import { structuralKeys } from './define.ts';
import { describeValue } from './describe.ts';
import { instanceVariable, readVariable } from './environment.ts';
import type { ConfigProblem } from './errors.ts';
import { dataOf, parseValue, type FoundValue } from './formats.ts';
import { placeInFile, type Origin } from './layers.ts';
import { isPlainObject, type PlainObject } from './merge.ts';
import { holdsSecrets, isConfigSchema, isListFormat, isMapFormat, variablesIn } from './nested.ts';
import { formatPath, type ConfigPath } from './path.ts';
import type { ConfigOption, ConfigSchema, Format } from './schema.ts';
import { defaultOf } from './sealed-default.ts';
import type { OptionsView } from './view.ts';

const require = createRequire(import.meta.url);
let loaded: typeof Convict | undefined;

/** Loaded on first use: an application without options needs none of it. */
function loadConvict(): typeof Convict {
  return (loaded ??= require('convict') as typeof Convict);
}

/** The outcome of a check. */
export interface Validated<T extends object> {
  /** The options, frozen, with defaults. Only complete when there are no problems. */
  readonly value: T;
  readonly problems: readonly ConfigProblem[];
}

type Options = Readonly<Record<string, ConfigOption>>;

/**
 * Checks a section and reports everything that is wrong with it at once. An environment variable that the schema names
 * overrides the section, except where `--set` gave the value. `null` means "not set": the default holds. Options that
 * are given and deprecated are told to the view.
 *
 * @param structural - keys of the section that are not options, and which somebody else reads
 */
export function validateOptions<T extends object>(
  schema: ConfigSchema<T>,
  view: OptionsView,
  structural: readonly string[] = structuralKeys,
): Validated<T> {
  const check = new Check(view);
  check.shape(structural, holdsSecrets(schema));
  const value = check.section(schema.options, view.section, { path: [], hidden: false }, structural);
  return { value: value as T, problems: check.finish() };
}

/** What is known about a value while it is read. */
interface Spot {
  /** Its path in the view. */
  readonly path: ConfigPath;
  /** Whether no message may quote it. */
  readonly hidden: boolean;
  /** Where it comes from, if not from the section: a default or an environment variable. */
  readonly origin?: Origin | undefined;
}

interface Report {
  readonly path: ConfigPath;
  readonly message: string;
  readonly got?: string | undefined;
  readonly origin?: Origin | undefined;
  readonly help?: string | undefined;
  /** Whether the value may be shown in a picture of its line. */
  readonly quotable?: boolean;
}

const defaultOrigin: Origin = { kind: 'default', text: 'default' };

const noOptions: PlainObject = Object.freeze({});

/** Nobody reads more; finding the places of thousands in a hostile file would take long. */
const mostProblems = 100;

class Check {
  readonly #problems: ConfigProblem[] = [];
  #untold = 0;
  readonly #view: OptionsView;

  constructor(view: OptionsView) {
    this.#view = view;
  }

  shape(structural: readonly string[], isSecret: boolean): void {
    // Whoever writes a secret in place of the section that should hold it has still written a secret.
    const describe = isSecret ? describeKind : describeValue;
    const { found, section } = this.#view;
    const children = section['components'];
    if (!isPlainObject(found)) {
      this.#report({ path: [], message: 'must be a mapping of options', got: describe(found) });
    } else if (structural.includes('components') && children !== undefined && !isPlainObject(children)) {
      this.#report({ path: ['components'], message: 'must be a mapping of aliases', got: describe(children) });
    }
  }

  section(options: Options, given: PlainObject, spot: Spot, structural: readonly string[]): PlainObject {
    this.#unknownOptions(options, given, spot, structural);
    if (Object.keys(options).length === 0) return noOptions;
    const value: Record<string, unknown> = {};
    const definitions: Record<string, object> = {};
    const stated: Record<string, readonly [unknown]> = {};
    for (const [name, option] of Object.entries(options)) {
      value[name] = undefined;
      const standard = defaultOf(option);
      const path = [...spot.path, name];
      const variable = this.#variable(option, path);
      const said =
        variable === undefined ? this.#said(given, name, option, path) : readVariable(this.#view.env, variable);
      const isStated = said !== undefined && said !== null;
      if (isStated) stated[name] = [said];
      else {
        if (option.required === true) this.#reportMissing(path, option, said === null);
        if (standard === undefined) continue;
      }
      definitions[name] = {
        default: typeof standard === 'object' ? [standard] : standard,
        format: (cell: unknown) => {
          let origin = isStated ? spot.origin : defaultOrigin;
          if (variable !== undefined) origin = { kind: 'environment', text: `environment variable ${variable}` };
          const inner = { path, hidden: spot.hidden || option.sensitive === true, origin };
          // With nothing given, a fresh copy of the default arrives here in a list of one if it is an object.
          const raw: unknown = Array.isArray(cell) ? cell[0] : cell;
          if (isStated && option.deprecated !== undefined) this.#warn(inner, option.deprecated);
          value[name] = this.#read(option.format, raw, inner);
        },
      };
    }
    // Of most components no option has a value, and convict does much before it finds that out.
    if (Object.keys(definitions).length === 0) return Object.freeze(value);
    // Without arguments of its own convict would read those of the process.
    loadConvict()(definitions, { env: {}, args: [] }).load(stated).validate({ allowed: 'strict' });
    return Object.freeze(value);
  }

  #unknownOptions(options: Options, given: PlainObject, { path, origin }: Spot, structural: readonly string[]): void {
    for (const name of Object.keys(given)) {
      if (Object.hasOwn(options, name) || structural.includes(name) || this.#isFull()) continue;
      const help = this.#helpForUnknown(name, path, [...Object.keys(options), ...structural]);
      this.#report({ path: [...path, name], message: 'is not a known option', origin, help });
    }
  }

  /** What a section says; it may inherit a property of the option's name (`toString`). */
  #said(given: PlainObject, name: string, { format }: ConfigOption, path: ConfigPath): unknown {
    const said = Object.hasOwn(given, name) ? given[name] : undefined;
    if (said !== undefined && said !== null) return said;
    // A section of which nothing but a variable speaks is there, too.
    return isConfigSchema(format) && this.#hasVariable(format, path) ? {} : said;
  }

  #hasVariable(format: ConfigSchema, path: ConfigPath): boolean {
    if (variablesIn(format).length === 0) return false;
    return Object.entries(format.options).some(
      ([name, option]) =>
        this.#variable(option, [...path, name]) !== undefined ||
        (isConfigSchema(option.format) && this.#hasVariable(option.format, [...path, name])),
    );
  }

  /** The environment variable that gives the option's value, if one does. */
  #variable({ env }: ConfigOption, path: ConfigPath): string | undefined {
    if (env === undefined) return undefined;
    const variable = instanceVariable(env, this.#view.resourceName);
    if (readVariable(this.#view.env, variable) === undefined) return undefined;
    const kind = this.#view.origins(path)[0]?.kind;
    // What names the path itself is meant more than a variable that all applications share.
    return kind === 'set' || kind === 'environment' ? undefined : variable;
  }

  #read(format: Format, raw: unknown, spot: Spot): unknown {
    if (isConfigSchema(format)) {
      const data = dataOf(raw);
      if (isPlainObject(data)) return this.section(format.options, data, spot, []);
      return this.#reportWrong('must be a mapping of options', format, raw, spot);
    }
    if (isListFormat(format)) {
      const data = dataOf(raw);
      if (!Array.isArray(data)) return this.#reportWrong('must be a list', format, raw, spot);
      return Object.freeze(data.map((item, index) => this.#read(format.items, item, within(spot, String(index)))));
    }
    if (isMapFormat(format)) {
      const data = dataOf(raw);
      if (!isPlainObject(data)) return this.#reportWrong('must be a mapping', format, raw, spot);
      const entries = Object.entries(data).filter(([, value]) => value !== undefined && value !== null);
      const read = entries.map(([key, value]) => [key, this.#read(format.values, value, within(spot, key))] as const);
      return Object.freeze(Object.fromEntries(read));
    }
    const parsed = parseValue(format, raw, this.#foundAt(spot));
    if ('value' in parsed) return parsed.value;
    const { expected, detail, help } = parsed;
    return this.#reportWrong(
      detail === undefined || spot.hidden ? expected : `${expected}: ${detail}`,
      format,
      raw,
      spot,
      help,
    );
  }

  #foundAt({ path, origin }: Spot): FoundValue {
    const first = (): Origin | undefined => origin ?? this.#view.origins(path)[0];
    return {
      typed: () => first()?.typed,
      folder: () => {
        const file = first()?.file;
        return file === undefined ? this.#view.cwd : dirname(file);
      },
    };
  }

  #reportWrong(
    message: string,
    format: Format,
    raw: unknown,
    { path, hidden, origin }: Spot,
    help?: string,
  ): undefined {
    // Whoever writes a password where a section with a password is wanted has written a password.
    const quotable = !hidden && !holdsSecrets(format);
    const got = quotable ? describeValue(raw) : undefined;
    this.#report({ path, message, got, origin, help: quotable ? help : undefined, quotable });
    return undefined;
  }

  #reportMissing(path: ConfigPath, option: ConfigOption, isNull: boolean): void {
    const full = formatPath([...this.#view.path, ...path]);
    const variable = option.env === undefined ? undefined : instanceVariable(option.env, this.#view.resourceName);
    const ways = variable === undefined ? '' : `, or by environment variable ${variable}`;
    this.#report({
      path,
      message: 'is required',
      got: isNull ? 'null' : undefined,
      help: `set it in a configuration file, or with --set ${full}=…${ways}`,
    });
  }

  #helpForUnknown(name: string, path: ConfigPath, known: readonly string[]): string {
    const near = nearMisses(name, known);
    if (near.length === 0)
      return known.length === 0 ? 'no options are known here' : `known here are ${known.join(', ')}`;
    const paths = near.map((candidate) => `\`${formatPath([...this.#view.path, ...path, candidate])}\``);
    return `did you mean ${paths.join(' or ')}?`;
  }

  #warn({ path, origin }: Spot, help: string): void {
    this.#view.warn(this.#problem({ path, message: 'is deprecated', origin, help }));
  }

  #report(report: Report): void {
    if (!this.#isFull()) this.#problems.push(this.#problem(report));
  }

  #isFull(): boolean {
    if (this.#problems.length < mostProblems) return false;
    this.#untold++;
    return true;
  }

  finish(): readonly ConfigProblem[] {
    if (this.#untold === 0) return this.#problems;
    return [...this.#problems, { path: formatPath(this.#view.path), message: `has ${this.#untold} more problems` }];
  }

  #problem({ path, message, got, origin: elsewhere, help, quotable = false }: Report): ConfigProblem {
    // A default is there only if nothing else is.
    const below = elsewhere?.kind === 'default' ? [] : this.#view.origins(path);
    const [origin, ...overridden] = elsewhere ? [elsewhere, ...below] : below;
    const others = overridden.map(({ text }) => text).join(', then ');
    return {
      path: formatPath([...this.#view.path, ...path]),
      message,
      got,
      from: origin && (others === '' ? origin.text : `${origin.text} (overrides ${others})`),
      place: origin && placeInFile(origin),
      picture: origin?.kind === 'file' ? this.#view.picture(path, quotable) : undefined,
      help,
    };
  }
}

function within(spot: Spot, key: string): Spot {
  return { ...spot, path: [...spot.path, key] };
}

function describeKind(value: unknown): string {
  return typeof value === 'string' ? 'a string' : describeValue(value);
}
