/**
 * Parsing of YAML text in bounded time and memory. The library builds a node of about a kilobyte for every sign of a
 * text, so a megabyte of nothing but brackets would cost a gigabyte: its lexer is stopped where that begins.
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
import { deepest } from './merge.ts';
import { tooDeep, tooManyParts } from './read-file.ts';

interface YamlFault {
  readonly offset?: number | undefined;
  readonly note?: string;
  readonly help?: string | readonly string[];
}

/** Raised for text that cannot be used; whoever knows whose text it is puts "Cannot read …: " before the message. */
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

/** Some 16,000 lines `key: value`, or a list of 50,000 numbers. */
const mostTokens = 100_000;
/** The most aliases; the library looks through all anchors for each. */
const mostAliases = 1_000;

/**
 * Parses one document, of which `errors` and `warnings` tell what is wrong with it.
 *
 * @throws {@link YamlError} when it has too many parts or is nested too deeply, or when there are several documents
 */
export function parseWithinBounds(text: string, options?: ParseOptions & DocumentOptions & SchemaOptions): Document {
  const composer = new Composer({
    version: '1.2',
    ...options,
    // The library compares each key with all others, which takes the square of their number.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  });
  return withinStack(() => {
    let only: Document | undefined;
    for (const document of composer.compose(tokens(text), true, text.length)) {
      if (only) {
        const help = 'give each a file of its own';
        throw new YamlError('it holds several documents', { offset: document.range[0], help });
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
      throw new YamlError(tooManyParts, { help: 'divide it into several files' });
    }
    // What follows the mark of a scalar is text, whatever it looks like.
    if (before !== CST.SCALAR && lexeme.startsWith('*')) aliases++;
    if (aliases > mostAliases) throw new YamlError('it has too many aliases');
    before = lexeme;
    yield* parser.next(lexeme);
    if (parser.stack.length > deepest) throw new YamlError(tooDeep);
  }
  yield* parser.end();
}

/** Whether YAML that was parsed has a comment. */
export function hasComment(text: string): boolean {
  let before = '';
  for (const lexeme of new Lexer().lex(text)) {
    if (before !== CST.SCALAR && lexeme.startsWith('#')) return true;
    before = lexeme;
  }
  return false;
}

/** The library calls itself for each level, which a small stack may not have room for. */
export function withinStack<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new YamlError(tooDeep);
    throw error;
  }
}
