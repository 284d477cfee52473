/**
 * Checking a section of the configuration against a schema, with convict; no other file knows convict.
 *
 * convict holds the schema, applies its defaults and walks it. What it makes of values is ours: its own formats read
 * `12abc` as 12 and `no` as true, it keeps formats in module-wide registries, and it reports by joined strings. So
 * each option gets a function as its format, which reads the value and writes down what is wrong with it. A value is
 * handed over in a list of one, because convict leaves lists alone, where it would split an object into options and
 * convert text by the type of the default.
 */
import { dirname } from 'node:path';
import convict from 'convict';
import { nearMisses } from '../errors/near-misses.ts';
import { structuralKeys, type ConfigOption, type ConfigSchema } from './define.ts';
import { describeValue } from './describe.ts';
import { instanceVariable, readVariable } from './environment.ts';
import type { ConfigProblem } from './errors.ts';
import { parseValue, type FoundValue } from './formats.ts';
import type { Origin } from './layers.ts';
import { isPlainObject } from './merge.ts';
import { formatPath } from './path.ts';
import type { OptionsView } from './view.ts';

/** The outcome of a check. */
export interface Validated<T extends object> {
  /** The options, frozen, with defaults. Only complete when there are no problems. */
  readonly value: T;
  readonly problems: readonly ConfigProblem[];
}

/**
 * Checks a section and reports everything that is wrong with it at once. An environment variable that the schema names
 * overrides the section, except where `--set` gave the value. `null` means "not set": the default holds.
 *
 * @param structural - keys of the section that are not options, and which somebody else reads
 */
export function validateOptions<T extends object>(
  schema: ConfigSchema<T>,
  view: OptionsView,
  structural: readonly string[] = structuralKeys,
): Validated<T> {
  const check = new Check(view);
  check.shape(structural);
  check.unknownOptions(schema.options, structural);
  const value = check.options(schema.options);
  return { value: Object.freeze(value) as T, problems: check.problems };
}

class Check {
  readonly problems: ConfigProblem[] = [];
  readonly #view: OptionsView;

  constructor(view: OptionsView) {
    this.#view = view;
  }

  shape(structural: readonly string[]): void {
    const { found, section } = this.#view;
    const children = section['components'];
    if (!isPlainObject(found)) {
      this.#report({ path: [], message: 'must be a mapping of options', got: describeValue(found) });
    } else if (structural.includes('components') && children !== undefined && !isPlainObject(children)) {
      this.#report({ path: ['components'], message: 'must be a mapping of aliases', got: describeValue(children) });
    }
  }

  unknownOptions(options: Readonly<Record<string, ConfigOption>>, structural: readonly string[]): void {
    for (const name of Object.keys(this.#view.section)) {
      if (Object.hasOwn(options, name) || structural.includes(name)) continue;
      const help = this.#helpForUnknown(name, [...Object.keys(options), ...structural]);
      this.#report({ path: [name], message: 'is not a known option', help });
    }
  }

  options(options: Readonly<Record<string, ConfigOption>>): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    const definitions: Record<string, object> = {};
    const given: Record<string, readonly [unknown]> = {};
    for (const [name, option] of Object.entries(options)) {
      value[name] = undefined;
      const variable = this.#variable(name, option);
      const stated = variable === undefined ? this.#given(name) : readVariable(this.#view.env, variable);
      if (stated !== undefined && stated !== null) given[name] = [stated];
      else if (option.required === true) this.#reportMissing(name, option);
      definitions[name] = {
        default: typeof option.default === 'object' ? [option.default] : option.default,
        format: (cell: unknown) => {
          value[name] = this.#read(
            name,
            option,
            Array.isArray(cell) ? cell[0] : cell,
            Object.hasOwn(given, name),
            variable,
          );
        },
      };
    }
    // Without arguments of its own convict would read those of the process.
    convict(definitions, { env: {}, args: [] }).load(given).validate({ allowed: 'strict' });
    return value;
  }

  /** What the section says; it may inherit a property of the option's name (`toString`). */
  #given(name: string): unknown {
    return Object.hasOwn(this.#view.section, name) ? this.#view.section[name] : undefined;
  }

  /** The environment variable that gives the option's value, if one does. */
  #variable(name: string, { env }: ConfigOption): string | undefined {
    if (env === undefined) return undefined;
    const variable = instanceVariable(env, this.#view.resourceName);
    if (readVariable(this.#view.env, variable) === undefined) return undefined;
    return this.#view.origins([name])[0]?.kind === 'set' ? undefined : variable;
  }

  #read(name: string, option: ConfigOption, raw: unknown, isGiven: boolean, variable: string | undefined): unknown {
    const origins = (): readonly Origin[] => this.#origins(name, isGiven, variable);
    const found: FoundValue = {
      typed: () => origins()[0]?.typed,
      folder: () => {
        const file = origins()[0]?.file;
        return file === undefined ? this.#view.cwd : dirname(file);
      },
    };
    const parsed = parseValue(option.format, raw, found);
    if ('value' in parsed) return parsed.value;
    const hidden = option.sensitive === true;
    const { expected, detail, help } = parsed;
    this.#report({
      path: [name],
      message: hidden || detail === undefined ? expected : `${expected}: ${detail}`,
      got: hidden ? undefined : describeValue(raw),
      origins: origins(),
      help: hidden ? undefined : help,
    });
    return undefined;
  }

  #origins(name: string, isGiven: boolean, variable: string | undefined): readonly Origin[] {
    if (!isGiven) return [{ kind: 'default', text: 'default' }];
    const origins = this.#view.origins([name]);
    if (variable === undefined) return origins;
    return [{ kind: 'environment', text: `environment variable ${variable}` }, ...origins];
  }

  #reportMissing(name: string, option: ConfigOption): void {
    const isNull = this.#given(name) === null;
    const path = formatPath([...this.#view.path, name]);
    const variable = option.env === undefined ? undefined : instanceVariable(option.env, this.#view.resourceName);
    const ways = variable === undefined ? '' : `, or by environment variable ${variable}`;
    this.#report({
      path: [name],
      message: 'is required',
      got: isNull ? 'null' : undefined,
      help: `set it in a configuration file, or with --set ${path}=…${ways}`,
    });
  }

  #helpForUnknown(name: string, known: readonly string[]): string {
    const near = nearMisses(name, known);
    if (near.length === 0) return `known here are ${known.join(', ')}`;
    const paths = near.map((candidate) => `\`${formatPath([...this.#view.path, candidate])}\``);
    return `did you mean ${paths.join(' or ')}?`;
  }

  #report(problem: {
    readonly path: readonly string[];
    readonly message: string;
    readonly got?: string | undefined;
    readonly origins?: readonly Origin[];
    readonly help?: string | undefined;
  }): void {
    const [origin, overridden] = problem.origins ?? this.#view.origins(problem.path);
    this.problems.push({
      path: formatPath([...this.#view.path, ...problem.path]),
      message: problem.message,
      got: problem.got,
      from: origin && (overridden ? `${origin.text} (overrides ${overridden.text})` : origin.text),
      help: problem.help,
    });
  }
}
