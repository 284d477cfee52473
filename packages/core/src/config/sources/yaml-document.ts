/**
 * Parses YAML in bounded time and memory. The library creates a node of about one kilobyte per token, so one megabyte
 * of brackets would take one gigabyte. The lexer is therefore stopped at a token limit.
 */
import {
  Composer,
  CST,
  Lexer,
  Parser,
  type Document,
  type DocumentOptions,
  type ParseOptions,
  type SchemaOptions,
} from 'yaml';
import { deepest } from '../merge.ts';
import { tooDeep, tooManyTokens } from './read-file.ts';

interface YamlFault {
  readonly offset?: number | undefined;
  readonly note?: string;
  readonly help?: string | readonly string[];
}

/** Raised for text that cannot be used. The caller, which knows the file, prepends "Cannot read …: " to the message. */
export class YamlError extends Error {
  readonly offset: number | undefined;
  readonly note: string | undefined;
  readonly help: string | readonly string[] | undefined;

  constructor(message: string, { offset, note, help }: YamlFault = {}) {
    super(message);
    this.offset = offset;
    this.note = note;
    this.help = help;
  }
}

/** About 16,000 lines `key: value`, or a list of 50,000 numbers. */
const mostTokens = 100_000;
/** The maximum number of aliases. The library searches all anchors for each. */
const mostAliases = 1_000;

/**
 * Parses one document. Its `errors` and `warnings` contain the syntax errors.
 *
 * @throws {@link YamlError} when the text has too many tokens or aliases, is nested too deeply or contains several
 * documents
 */
export function parseWithinBounds(text: string, options?: ParseOptions & DocumentOptions & SchemaOptions): Document {
  const composer = new Composer({
    version: '1.2',
    ...options,
    // The library would compare each key with all others, in quadratic time.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  });
  return withinStack(() => {
    let only: Document | undefined;
    for (const document of composer.compose(tokens(text), true, text.length)) {
      if (only) {
        const help = 'put each document in its own file';
        throw new YamlError('it contains several documents', { offset: document.range[0], help });
      }
      only = document;
    }
    return only!;
  });
}

function* tokens(text: string): Iterable<CST.Token> {
  const parser = new Parser();
  let [count, aliases] = [0, 0];
  let before = '';
  for (const lexeme of new Lexer().lex(text)) {
    if (++count > mostTokens) {
      throw new YamlError(tooManyTokens, { help: 'split it into several files' });
    }
    // The lexeme after a scalar marker is text, even if it starts with an asterisk.
    if (before !== CST.SCALAR && lexeme.startsWith('*')) aliases++;
    if (aliases > mostAliases) throw new YamlError('it contains too many aliases');
    before = lexeme;
    yield* parser.next(lexeme);
    if (parser.stack.length > deepest) throw new YamlError(tooDeep);
  }
  yield* parser.end();
}

/** Returns whether valid YAML contains a comment. */
export function hasComment(text: string): boolean {
  let before = '';
  for (const lexeme of new Lexer().lex(text)) {
    if (before !== CST.SCALAR && lexeme.startsWith('#')) return true;
    before = lexeme;
  }
  return false;
}

/** Converts a stack overflow into a {@link YamlError}. The library recurses for each level of nesting. */
export function withinStack<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new YamlError(tooDeep);
    throw error;
  }
}
