/** Errors of the configuration. All problems of options form one error. */
import { AsphaltError, type Explanation } from '../errors/asphalt-error.ts';

/** One problem of one option. */
export interface ConfigProblem {
  /** The option's path in the syntax of `--set`, such as `component.components.mailer.port`. */
  readonly path: string;
  /** The problem, worded to follow the path: `must be a whole number`. */
  readonly message: string;
  /** The value found; undefined for a sensitive option. */
  readonly got?: string | undefined;
  /** The origin of the value, such as `config/app.yaml:12:5` or `environment variable PORT`. */
  readonly from?: string | undefined;
  /** The origin for tools, if it is in a file. */
  readonly place?: Explanation['place'];
  /** The line of the file that contains the value, with a mark below it. */
  readonly codeFrame?: string | undefined;
  /** How to fix it. */
  readonly help?: string | undefined;
}

/** The result of a validation. */
export interface Validated<T extends object> {
  /** The options with their defaults, frozen. Complete only if there are no problems. */
  readonly value: T;
  readonly problems: readonly ConfigProblem[];
}

/** Raised when the configuration does not match the options that components declare. Contains every problem. */
export class ConfigError extends AsphaltError {
  readonly code = 'ERR_CONFIG_INVALID';

  constructor(readonly problems: readonly ConfigProblem[]) {
    const [only, ...others] = problems;
    super(
      only && others.length === 0
        ? { summary: problemLine(only), details: [['from', fromText(only)]], help: only.help, place: only.place }
        : {
            summary: `Configuration has ${problems.length} problems`,
            details: problems.map((problem, index) => [`${index + 1}.`, problemText(problem)] as const),
          },
    );
  }
}

/** Formats a problem without its origin. */
function problemLine({ path, message, got }: ConfigProblem): string {
  return `\`${path}\` ${message}${got === undefined ? '' : `, got ${got}`}`;
}

/** Formats a problem in one line, for logs. */
export function problemSentence(problem: ConfigProblem): string {
  const { from, help } = problem;
  return `${problemLine(problem)}${from === undefined ? '' : ` (${from})`}${help === undefined ? '' : `: ${help}`}`;
}

function problemText(problem: ConfigProblem): string {
  const lines = [problemLine(problem)];
  const from = fromText(problem);
  if (from !== undefined) lines.push(`from  ${from.replaceAll('\n', '\n      ')}`);
  if (problem.help !== undefined) lines.push(`help  ${problem.help}`);
  return lines.join('\n');
}

function fromText({ from, codeFrame }: ConfigProblem): string | undefined {
  return from === undefined || codeFrame === undefined ? from : `${from}\n${codeFrame}`;
}

/** A place in a configuration file; line and column count from 1. */
export interface FilePlace {
  readonly line: number;
  readonly column: number;
  /** The line with a mark below the column. */
  readonly codeFrame: string;
}

export interface FileFault {
  /** Replaces the default summary, "Cannot read …: …". */
  readonly summary?: string | undefined;
  readonly place?: FilePlace | undefined;
  readonly note?: string | undefined;
  readonly help?: Explanation['help'];
  readonly cause?: unknown;
}

/** Raised when a configuration file cannot be read, or does not contain a usable configuration. */
export class ConfigFileError extends AsphaltError {
  readonly code = 'ERR_CONFIG_FILE';
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(
    /** The file name as the user wrote it. */
    readonly file: string,
    why: string,
    { summary = `Cannot read ${file}: ${why}`, place, note, help, cause }: FileFault = {},
  ) {
    super(
      {
        summary,
        details: [
          ['at', place && `${file}:${place.line}:${place.column}\n${place.codeFrame}`],
          ['note', note],
        ],
        help,
      },
      cause === undefined ? undefined : { cause },
    );
    this.line = place?.line;
    this.column = place?.column;
  }
}

/** Raised when a `--set` cannot be read, or cannot be applied to the configuration. */
export class ConfigSetError extends AsphaltError {
  readonly code = 'ERR_CONFIG_SET';

  constructor(
    summary: string,
    { note, help }: { readonly note?: string | undefined; readonly help?: Explanation['help'] } = {},
  ) {
    super({ summary, details: [['note', note]], help });
  }
}

/** Raised when no service of the configuration can be selected, or the selected service is incomplete. */
export class ConfigServiceError extends AsphaltError {
  readonly code = 'ERR_CONFIG_SERVICE';

  constructor(summary: string, { from, help }: { readonly from?: string | undefined; readonly help?: string } = {}) {
    super({ summary, details: [['from', from]], help });
  }
}

/** Raised when data set in code has a forbidden key, contains itself or is nested too deeply. */
export class ConfigKeyError extends AsphaltError {
  readonly code = 'ERR_CONFIG_KEY';

  constructor(
    readonly path: string,
    what: string,
  ) {
    super({ summary: `Configuration key \`${path}\` ${what}`, help: 'rename it or leave it out' });
  }
}

/** Raised by `defineConfig` when the declaration of an option cannot work. */
export class ConfigSchemaError extends AsphaltError {
  readonly code = 'ERR_CONFIG_SCHEMA';

  constructor(
    readonly option: string,
    what: string,
    help: string,
  ) {
    super({ summary: `Option \`${option}\` ${what}`, help });
  }
}
