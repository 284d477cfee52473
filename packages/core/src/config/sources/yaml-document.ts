/**
 * Parses YAML in bounded time and memory. The library creates a node of about one kilobyte per token, so one megabyte
 * of brackets would take one gigabyte. The lexer is therefore stopped at a token limit.
 *
 * Values are located in the parsed document on demand, through aliases and merge keys.
 */
import {
  Composer,
  CST,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  Parser,
  type Document,
  type DocumentOptions,
  type ParseOptions,
  type Scalar,
  type SchemaOptions,
  type YAMLMap,
} from 'yaml';
import { deepest } from '../merge.ts';
import { tooDeep, tooManyTokens } from './read-file.ts';
import type { TagCall } from '../layers.ts';
import type { ConfigPath } from '../path.ts';
import { position, type EntryPlace } from './code-frame.ts';

interface YamlFault {
  readonly offset?: number | undefined;
  readonly note?: string | undefined;
  readonly help?: string | readonly string[] | undefined;
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

/** Explains a duplicate key. Does not name the key, which may be a misplaced secret. @param first - offset of the first */
export function duplicateKey(text: string, first: number, offset?: number): YamlError {
  const note = text.includes('\n') ? `the first one is in line ${position(text, first).line}` : undefined;
  return new YamlError('it contains a duplicate key', { offset, note, help: 'remove one of them' });
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

/** The position of a value in a text and, if a tag produces the value, the tag with its argument. */
export interface YamlPlace extends EntryPlace {
  readonly tag?: string | undefined;
}

export const tagNames = ['!Env', '!TextFile', '!BinaryFile'];

/** Returns the node at a path, and the offset of its entry. */
export function find(document: Document, path: ConfigPath): { node: unknown; offset: number | undefined } | undefined {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const key of path) {
    const found = entryOf(document, node, key);
    if (!found) return undefined;
    node = found.value;
    offset = startOf(found.at) ?? offset;
  }
  return { node, offset };
}

export function locate(document: Document, path: ConfigPath): YamlPlace | undefined {
  const { node, offset } = find(document, path) ?? {};
  if (offset === undefined) return undefined;
  const scalar = isAlias(node) ? node.resolve(document) : node;
  if (!isScalar(scalar)) return { offset };
  const tag = isTagged(scalar) ? `${scalar.tag} ${scalar.source}` : undefined;
  // The value of an alias is at its anchor.
  const value = scalar === node && scalar.range ? { start: scalar.range[0], end: scalar.range[1] } : undefined;
  return { offset, value, tag };
}

/** Returns the tag that produces the value at a path, its argument and its offset. */
export function tagCall(
  document: Document,
  path: ConfigPath,
  text: string,
): (TagCall & { readonly offset: number }) | undefined {
  const { node } = find(document, path) ?? {};
  const scalar = isAlias(node) ? node.resolve(document) : node;
  if (!isTagged(scalar)) return undefined;
  const { otherwise } = scalar as { readonly otherwise?: unknown };
  const tag = scalar.tag as TagCall['tag'];
  const offset = text.lastIndexOf(tag, scalar.range?.[0] ?? 0);
  return { tag, argument: scalar.source ?? '', otherwise, offset: Math.max(0, offset) };
}

export function isTagged(node: unknown): node is Scalar & { readonly tag: string } {
  return isScalar(node) && node.tag !== undefined && tagNames.includes(node.tag);
}

/** Returns whether a node, its content or the targets of its aliases have one of our tags. */
export function hasTag(document: Document, start: unknown): boolean {
  const nodes = [start];
  const seen = new Set<unknown>();
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    if (isTagged(node)) return true;
    if (seen.has(node)) continue;
    seen.add(node);
    if (isAlias(node)) nodes.push(node.resolve(document));
    else if (isPair(node)) nodes.push(node.value);
    else if (isCollection(node)) nodes.push(...node.items);
  }
  return false;
}

interface Entry {
  /** The node that marks the entry: the key in a map, the item in a list. */
  readonly at: unknown;
  readonly value: unknown;
}

function entryOf(document: Document, container: unknown, key: string): Entry | undefined {
  const node = isAlias(container) ? container.resolve(document) : container;
  if (isSeq(node)) {
    const item = node.items[Number(key)];
    return item === undefined ? undefined : { at: item, value: item };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  if (pair) return { at: pair.key, value: pair.value };
  return mergedEntry(document, node, key);
}

/** Returns an entry inherited through a merge key (`<<`), from one map or from the first in a list that has it. */
function mergedEntry(document: Document, map: YAMLMap, key: string): Entry | undefined {
  for (const pair of map.items) {
    if (!isScalar(pair.key) || pair.key.source !== '<<') continue;
    const sources = isSeq(pair.value) ? pair.value.items : [pair.value];
    for (const source of sources) {
      const found = entryOf(document, source, key);
      if (found) return found;
    }
  }
  return undefined;
}

function startOf(node: unknown): number | undefined {
  return (isScalar(node) || isCollection(node) || isAlias(node)) && !isPair(node) ? node.range?.[0] : undefined;
}
