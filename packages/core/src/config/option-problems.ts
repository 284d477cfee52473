/**
 * Collects the problems of one section. This file decides their wording and which values they may quote. It does not
 * validate.
 */
import { describeThrown } from '../errors/asphalt-error.ts';
import { nearMisses } from '../errors/near-misses.ts';
import { describeKind, describeValue, looksSecret, maskUrls } from './describe.ts';
import { instanceVariable } from './environment.ts';
import type { ConfigProblem } from './errors.ts';
import { jsonFault } from './json-text.ts';
import { placeInFile, type Origin } from './layers.ts';
import { isProbablyMistake, referenceHelp, referenceIn } from './literal-references.ts';
import { holdsSecrets, isData, isListFormat, type ConfigOption, type ConfigSchema, type Format } from './schema.ts';
import { formatPath, type ConfigPath } from './path.ts';
import type { OptionPath, OptionSources } from './option-sources.ts';
import { indexHelp, type IndexFault } from './set-items.ts';
import type { OptionsView } from './view.ts';

/** A value that does not match its format. */
export interface WrongValue {
  readonly message: string;
  /** The issues that a schema reports. They may quote the value. */
  readonly detail?: string | undefined;
  readonly format: Format;
  readonly raw: unknown;
  readonly help?: string | undefined;
}

interface ProblemReport extends Partial<OptionPath> {
  readonly path: ConfigPath;
  readonly message: string;
  readonly got?: string | undefined;
  readonly help?: string | undefined;
  /** Whether the line shown from the file may include the value. */
  readonly quotable?: boolean;
}

/** The maximum number of problems reported. Locating thousands of values in a hostile file would be slow. */
const mostProblems = 100;

/** The problems found so far in one section. */
export class OptionProblems {
  readonly #problems: ConfigProblem[] = [];
  #omitted = 0;
  readonly #view: OptionsView;
  readonly #sources: OptionSources;
  readonly #hasSecrets: boolean;

  /** @param schema - the schema of the whole section; messages quote no unknown option of one with sensitive options */
  constructor(schema: ConfigSchema, view: OptionsView, sources: OptionSources) {
    this.#view = view;
    this.#sources = sources;
    this.#hasSecrets = holdsSecrets(schema);
  }

  get isEmpty(): boolean {
    return this.#problems.length === 0;
  }

  /** All problems. If some were omitted, the last entry states their number. */
  get all(): readonly ConfigProblem[] {
    if (this.#omitted === 0) return this.#problems;
    return [...this.#problems, { path: formatPath(this.#view.path), message: `has ${this.#omitted} more problems` }];
  }

  /** Reports a value that is not a mapping. It names only the kind of the value, which may be a misplaced secret. */
  shape(path: ConfigPath, message: string, value: unknown): void {
    this.#report({ path, message: this.#withReason(message, path, value), got: describeKind(value) });
  }

  /** Reports an option that fits its format and cannot work. */
  unusable(position: OptionPath, fault: WrongValue): void {
    const { raw, format, message, help } = fault;
    if (raw !== undefined && !position.hidden) this.wrong(position, fault, !isData(format));
    // An option that is not set has no origin.
    else this.#report(raw === undefined ? { path: position.path, message, help } : { ...position, message });
  }

  /** Reports a check of a schema that failed itself. */
  brokenCheck(error: unknown): void {
    const help = 'fix the second parameter of its defineConfig(); it receives the validated options';
    this.#report({ path: [], message: `has a check that failed: ${describeThrown(error)}`, help });
  }

  /** @param quotes - whether the message quotes the value, not only its kind */
  wrong(position: OptionPath, { message, detail, format, raw, help }: WrongValue, quotes = true): undefined {
    const isQuotable = !holdsSecrets(format) && this.#isQuotable(position);
    const full = detail === undefined || !isQuotable ? message : `${message}: ${maskUrls(detail)}`;
    this.#report({
      ...position,
      message: quotes || !isQuotable ? full : this.#withReason(full, position.path, raw),
      got: isQuotable ? (quotes ? describeValue(raw) : describeKind(raw)) : undefined,
      help:
        this.#helpForReference(position, raw, isQuotable && quotes) ??
        (isQuotable ? help : undefined) ??
        this.#helpForData(position, format, raw),
      quotable: isQuotable && (quotes || typeof raw !== 'string'),
    });
    return undefined;
  }

  /** A string in place of a section with a password may be that password. Tags often read secrets. */
  #isQuotable(position: OptionPath): boolean {
    return !position.hidden && !this.#isFromTag(position);
  }

  #isFromTag(position: OptionPath): boolean {
    return this.#sources.originOf(position) === undefined && this.#view.hasTag(position.path);
  }

  missing(path: ConfigPath, option: ConfigOption, isNull: boolean): void {
    this.#report({
      path,
      message: 'is required',
      got: isNull ? 'null' : undefined,
      help: this.#waysToSet(path, option),
    });
  }

  /** Reports a sensitive option whose value a build has left out. */
  leftOut(path: ConfigPath, option: ConfigOption): void {
    const message = 'was left out of the build, because it is sensitive';
    this.#report({ path, message, help: this.#waysToSet(path, option) });
  }

  #waysToSet(path: ConfigPath, option: ConfigOption): string {
    const full = formatPath([...this.#view.path, ...path]);
    const variable = option.env === undefined ? undefined : instanceVariable(option.env, this.#view.resourceName);
    const ways = variable === undefined ? '' : `, or by environment variable ${variable}`;
    return `set it in a configuration file, or with --set ${full}=…${ways}`;
  }

  index({ path, key, length }: IndexFault): void {
    const list = path.slice(this.#view.path.length);
    this.#report({ path: list, message: `has no item \`${key}\``, help: indexHelp(length) });
  }

  unknown(position: OptionPath, name: string, allowed: readonly string[]): void {
    if (this.#isFull()) return;
    // The root component cannot be disabled.
    const isRoot = this.#view.path.length + position.path.length === 1;
    const known = isRoot ? allowed.filter((key) => key !== 'enabled') : allowed;
    const near = nearMisses(name, known);
    const paths = near.map((candidate) => `\`${formatPath([...this.#view.path, ...position.path, candidate])}\``);
    const path = [...position.path, name];
    // An unknown name may be the misspelled or misplaced name of a sensitive option.
    const mayBeSecret = this.#hasSecrets || position.hidden || looksSecret(name) || this.#view.hasTag(path);
    const list = known.length === 0 ? 'this section has no options' : `known keys: ${known.join(', ')}`;
    const help = near.length === 0 ? list : `did you mean ${paths.join(' or ')}?`;
    this.#add({ ...position, path, message: 'is not a known option', help, quotable: !mayBeSecret });
  }

  warn(position: OptionPath, help: string): void {
    this.#view.warn(this.#problem({ ...position, message: 'is deprecated', help }));
  }

  /** Warns about a valid text that contains a reference such as `${PORT}`, which is probably a mistake. */
  literal(position: OptionPath, text: unknown): void {
    const found = referenceIn(text);
    if (!found || !isProbablyMistake(found, this.#view.env) || this.#isFromTag(position)) return;
    const origin = this.#originOf(position);
    if (origin?.kind === 'default') return;
    const name = position.hidden ? 'NAME' : found.variable;
    const message = `contains \`\${${name}}\`, which is taken literally`;
    this.#view.warn(this.#problem({ ...position, message, help: referenceHelp(origin, name, found.isWhole) }));
  }

  #helpForReference(position: OptionPath, raw: unknown, quotes: boolean): string | undefined {
    const found = this.#isFromTag(position) ? undefined : referenceIn(raw);
    if (!found) return undefined;
    const name = quotes ? found.variable : 'NAME';
    const help = referenceHelp(this.#originOf(position), name, found.isWhole);
    return `\`\${${name}}\` is taken literally: ${help}`;
  }

  /** Returns how to write a mapping or a list as text. */
  #helpForData(position: OptionPath, format: Format, raw: unknown): string | undefined {
    const kind = this.#originOf(position)?.kind;
    if (typeof raw !== 'string' || !isData(format) || (kind !== 'environment' && kind !== 'set')) return undefined;
    if (!isListFormat(format)) return 'write it as JSON, such as { "key": "value" }';
    return `${raw.includes(',') ? 'commas alone do not make a list: ' : ''}write it as JSON, such as ["a", "b"]`;
  }

  #originOf(position: OptionPath): Origin | undefined {
    return this.#sources.originOf(position) ?? this.#view.origins(position.path)[0];
  }

  /** Appends the reason why the text of a `--set` or a variable is neither a mapping nor a list. */
  #withReason(message: string, path: ConfigPath, value: unknown): string {
    const reason = this.#view.origins(path)[0]?.notData ?? (typeof value === 'string' ? jsonFault(value) : undefined);
    return reason === undefined ? message : `${message}: ${reason}`;
  }

  #report(report: ProblemReport): void {
    if (!this.#isFull()) this.#add(report);
  }

  #add(report: ProblemReport): void {
    this.#problems.push(this.#problem(report));
  }

  #isFull(): boolean {
    if (this.#problems.length < mostProblems) return false;
    this.#omitted++;
    return true;
  }

  #problem({ path, message, got, origin: whole, variable, help, quotable = false }: ProblemReport): ConfigProblem {
    const elsewhere = this.#sources.originOf({ path, hidden: false, origin: whole, variable });
    // A default takes effect only if no layer sets a value.
    const below = elsewhere?.kind === 'default' ? [] : this.#view.origins(path);
    const [origin, ...overridden] = elsewhere ? [elsewhere, ...below] : below;
    const others = overridden.map(({ text }) => text).join(', then ');
    return {
      path: formatPath([...this.#view.path, ...path]),
      message,
      got,
      from: origin && (others === '' ? origin.text : `${origin.text} (overrides ${others})`),
      place: origin && placeInFile(origin),
      codeFrame: origin?.kind === 'file' ? this.#view.codeFrame(path, quotable) : undefined,
      help,
    };
  }
}
