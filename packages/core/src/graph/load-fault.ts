/** Explains why a module failed to load: its compiler, its syntax, or modules that import each other. */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { placeOf, placeText, type Place } from '../component/place.ts';
import { AsphaltError, describeThrown, type Explanation } from '../errors/asphalt-error.ts';
import { importCircle, importedModule } from './import-circle.ts';

/** The parts of a message about a module that failed to load. */
export interface LoadFault {
  readonly why: string;
  readonly help: string | readonly string[];
  /** Further lines of the message. */
  readonly details?: Explanation['details'];
  /** The error, if the message does not already contain all of it. */
  readonly cause?: unknown;
}

/**
 * Explains the error of an `import`.
 *
 * @param module - the module as the configuration names it
 * @param file - its file, if it was found
 */
export function loadFault(module: string, file: string | undefined, error: unknown): LoadFault {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' && /ts$/.test(extname(module))) {
    const help = 'run it with `asphalt run`, or start Node with --import tsx';
    return fault(`${module} is TypeScript, which this process cannot load`, help, error);
  }
  if (code === 'ERR_REQUIRE_CYCLE_MODULE') {
    const help = 'set "type": "module" in the nearest package.json';
    return fault(`${module} is TypeScript in a CommonJS package; applications must be ES modules`, help);
  }
  return (
    compilerFault(module, error) ??
    circleFault(error) ??
    typeAsValueFault(error) ??
    decoratorSyntaxFault(module, file, error) ??
    otherFault(module, error)
  );
}

/** The first error in the output of the compiler that loads TypeScript. The line before it only counts the errors. */
const compilerError = /^(.+):(\d+):\d+: ERROR: (.*)$/m;

function compilerFault(module: string, error: unknown): LoadFault | undefined {
  const [, file, line, message] = compilerError.exec(String(error)) ?? [];
  if (message === undefined) return undefined;
  if (/private identifiers/.test(message)) {
    const why = `${fileText(file!)}:${line} has a decorator on a #private member, which no decorator can access`;
    return fault(why, 'remove the `#`; `private` keeps the member private for the compiler', error);
  }
  if (/only work when experimental decorators/.test(message)) {
    const help = 'set "extends": "@asphalt/core/tsconfig.json" in a tsconfig.json that includes it';
    return fault(`${file} was compiled without "experimentalDecorators"`, help);
  }
  const why = `${module} failed to load: ${message} (${file}:${line})`;
  return fault(why, 'fix the module; it exists but failed to load', error);
}

/** Explains a name that is used while the module that declares it has not run yet. */
function circleFault(error: unknown): LoadFault | undefined {
  const name = unavailableName(error);
  const place: Place | undefined = AsphaltError.is(error) ? error.explanation.place : placeOf(error as Error);
  if (name === undefined || !place) return undefined;
  const circle = importCircle(place.file);
  if (!circle) return undefined;
  const usage = sourceOf(place.file).split('\n')[place.line - 1] ?? '';
  const key = name === '' ? (/(?:@\w+\(|\bextends)\s*([\w$]+)/.exec(usage)?.[1] ?? 'TheClass') : name;
  const lazily = usage.includes('@')
    ? [`name it lazily in the decorator: new LazyServiceIdentifier(() => ${key})`]
    : [];
  return fault(
    `\`${key}\` is used before the module that declares it has run`,
    [...lazily, `move \`${key}\` into a module that imports none of these`],
    error,
    [
      ['used at', placeText(place)],
      ['path', circle.map((file) => fileText(file)).join(' › ')],
      ['note', 'these modules import each other, so one of them runs before the other has declared its names'],
    ],
  );
}

/** Returns the name that an error reports as not available yet; empty if the error does not contain it. */
function unavailableName(error: unknown): string | undefined {
  if (AsphaltError.is(error)) {
    const { code, found } = error as { readonly code: string; readonly found?: unknown };
    return code === 'ERR_IDENTIFIER' && found === undefined ? '' : undefined;
  }
  if (!(error instanceof Error)) return undefined;
  if (/^Class extends value undefined/.test(error.message)) return '';
  return error instanceof ReferenceError
    ? /^Cannot access '([^']+)' before initialization/.exec(error.message)?.[1]
    : undefined;
}

/** Explains an interface or a type that code uses as a value, such as `@inject(Mailer)`. */
function typeAsValueFault(error: unknown): LoadFault | undefined {
  if (!(error instanceof Error)) return undefined;
  const undeclared = error instanceof ReferenceError && /^([\w$]+) is not defined/.exec(error.message)?.[1];
  const missing = /requested module '([^']+)' does not provide an export named '([\w$]+)'/.exec(error.message);
  const name = undeclared || missing?.[2];
  if (name === undefined) return undefined;
  const from = placeOf(undeclared ? error : moduleFrame(error));
  if (!from) return undefined;
  const file = missing ? importedModule(from.file, missing[1]!) : from.file;
  if (file === undefined) return undefined;
  const declaration = new RegExp(String.raw`\b(interface|type)\s+${name.replaceAll('$', String.raw`\$`)}\b`);
  const kind = declaration.exec(sourceOf(file))?.[1];
  if (kind === undefined) return undefined;
  return fault(
    `\`${name}\` is ${kind === 'type' ? 'a type' : 'an interface'}, which does not exist at run time`,
    [
      `declare a token with its name next to it: export const ${name} = token<${name}>('${name}')`,
      `make it an abstract class: export abstract class ${name} { … }`,
    ],
    error,
    [
      ['used at', placeText(from)],
      ['declared at', fileText(file)],
    ],
  );
}

/** Node reports the importing module of a missing export in the first line of the stack, without a column. */
function moduleFrame({ stack = '' }: Error): { stack: string } {
  const [, file, line] = /^((?:file:\/\/|\/|[A-Za-z]:\\).+?):(\d+)$/m.exec(stack) ?? [];
  return { stack: file === undefined ? '' : `at ${file}:${line}:1` };
}

/** Explains decorators in a file that nothing compiles: JavaScript, or TypeScript whose types Node only strips. */
function decoratorSyntaxFault(module: string, file: string | undefined, error: unknown): LoadFault | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  if (!(error instanceof SyntaxError) && !/^ERR_(UNSUPPORTED|INVALID)_TYPESCRIPT_SYNTAX$/.test(code)) return undefined;
  const faulty = placeOf(moduleFrame(error as Error))?.file ?? file;
  if (faulty === undefined || !/^\s*@[\w$.]+(\s|\(|$)/m.test(sourceOf(faulty))) return undefined;
  const name = fileText(faulty);
  if (/\.[cm]?js$/.test(faulty)) {
    const help = `rename it to ${name.replace(/js$/, 'ts')}, or compile it: JavaScript engines do not run decorators`;
    return fault(`${name} has decorators, but is not compiled`, help, error);
  }
  const help = 'run it with `asphalt run`, or start Node with --import tsx';
  return fault(`${name} has decorators, but Node only strips its types`, help, error);
}

function otherFault(module: string, error: unknown): LoadFault {
  const own = AsphaltError.is(error) ? error.explanation : undefined;
  const help = own?.help ?? 'fix the module; it exists but failed to load';
  return fault(`${module} failed to load: ${describeThrown(error)}`, help, error, own?.details);
}

function fileText(file: string): string {
  return placeText({ file, line: 0, column: 0 })!.replace(/:0$/, '');
}

function sourceOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The explanation is optional; the error of the import itself is reported.
    return '';
  }
}

function fault(why: string, help: LoadFault['help'], cause?: unknown, details?: LoadFault['details']): LoadFault {
  return { why, help, cause, ...(details && { details }) };
}
