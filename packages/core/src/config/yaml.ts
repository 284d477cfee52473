/**
 * Reading of YAML 1.2, safely: data and the tags `!Env`, `!TextFile` and `!BinaryFile`, nothing that makes objects.
 *
 * Where a value stands is looked up in the parsed document when somebody asks; nothing is recorded while loading.
 */
import { resolve } from 'node:path';
import {
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Scalar,
  visit,
  YAMLMap,
  type YAMLError,
  type CollectionTag,
  type Document,
  type ScalarTag,
} from 'yaml';
import { nearMisses } from '../errors/near-misses.ts';
import { readVariable, type Environment } from './environment.ts';
import type { ConfigPath } from './path.ts';
import type { EntryPlace } from './picture.ts';
import { hasComment, parseWithinBounds, withinStack, YamlError } from './yaml-document.ts';
import { readSmallFile, readSmallText, UnreadableFile } from './read-file.ts';

/** What the tags in a text may reach. */
export interface YamlSurroundings {
  /** Where the relative paths of `!TextFile` and `!BinaryFile` start. */
  readonly folder: string;
  readonly env: Environment;
}

/** Where a value is in a text and, if a tag gives it, the tag with its argument. */
export interface YamlPlace extends EntryPlace {
  readonly tag?: string | undefined;
}

export interface YamlText {
  readonly data: unknown;
  /** The place of a value, found through anchors and merge keys. */
  readonly locate: (path: ConfigPath) => YamlPlace | undefined;
  /** Whether a tag gives a value, or something in it. */
  readonly hasTag?: (path: ConfigPath) => boolean;
}

/**
 * Reads one YAML document.
 *
 * @throws {@link YamlError} for what is not YAML, has unknown tags, expands without bounds, or names a missing file
 */
export function parseYaml(text: string, surroundings: YamlSurroundings): YamlText {
  const document = parseSafely(text, surroundings);
  return {
    data: toData(document),
    locate: (path) => locate(document, path),
    hasTag: (path) => hasTag(document, find(document, path)?.node),
  };
}

/**
 * Reads the text after `--set path=` as YAML.
 *
 * @throws {@link YamlError} as {@link parseYaml} does, and where YAML would drop a comment or join lines
 */
export function parseTypedYaml(
  text: string,
  surroundings: YamlSurroundings,
): { readonly data: unknown; readonly hasTag: boolean } {
  const document = parseSafely(text, surroundings);
  if (hasComment(text)) throw new YamlError('it has a comment');
  visit(document, {
    Scalar(_, { type, range }) {
      if (type !== 'PLAIN' && type !== 'QUOTE_SINGLE' && type !== 'QUOTE_DOUBLE') return;
      if (range && text.slice(range[0], range[1]).includes('\n')) {
        throw new YamlError('it has a text of several lines, which YAML would join');
      }
    },
  });
  return { data: toData(document), hasTag: hasTag(document, document.contents) };
}

function parseSafely(text: string, surroundings: YamlSurroundings): Document {
  const document = parseWithinBounds(text, {
    merge: true,
    stringKeys: true,
    // The library compares each key with all others, which takes minutes for a large mapping.
    uniqueKeys: false,
    resolveKnownTags: false,
    customTags: tags(surroundings),
  });
  // The library reads a value whose tag it does not know as a string, with a warning only.
  const [fault] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (fault) throw yamlError(fault, text);
  return withUniqueKeys(document);
}

/** By hand, because the library's `visit` takes longer for it than the rest of this file for everything. */
function withUniqueKeys(document: Document): Document {
  const nodes: unknown[] = [document.contents];
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    if (isSeq(node)) nodes.push(...node.items.filter(isCollection));
    if (!isMap(node)) continue;
    const keys = new Set<unknown>();
    for (const { key, value } of node.items) {
      if (isCollection(value)) nodes.push(value);
      if (!isScalar(key) || key.value === '<<') continue;
      if (isTagged(key))
        throw new YamlError('it has a tag on a key', { offset: key.range?.[0], help: 'write the key itself' });
      if (keys.has(key.value)) {
        throw new YamlError('it is not valid YAML', { offset: key.range?.[0], note: 'Map keys must be unique' });
      }
      keys.add(key.value);
    }
  }
  return document;
}

function yamlError({ code, message, pos: [offset] }: YAMLError, text: string): YamlError {
  if (code !== 'TAG_RESOLVE_FAILED') return new YamlError('it is not valid YAML', { offset, note: safeNote(message) });
  if (tagNames.some((tag) => message.startsWith(tag))) return new YamlError(message, { offset });
  const [tag = ''] = /^\S*/.exec(text.slice(offset, offset + 100)) ?? [];
  const [near] = nearMisses(tag, tagNames, 1);
  // The tag itself is not shown: it may be a secret that begins with an exclamation mark.
  const help = near === undefined ? 'the tags are !Env, !TextFile and !BinaryFile' : `did you mean ${near}?`;
  return new YamlError('it has an unknown tag', { offset, help: [help, 'put a text that begins with ! in quotes'] });
}

/** What the library says, without what it quotes of the text. */
function safeNote(message: string): string {
  return message.replace(/: .*$/s, '').replace(/^(Invalid escape sequence|Unknown directive) .*$/s, '$1');
}

function toData(document: Document): unknown {
  try {
    return withinStack((): unknown => document.toJS({ maxAliasCount: 100 }));
  } catch (error) {
    if (error instanceof YamlError) throw error;
    throw aliasError(document, error as Error);
  }
}

/** The two things that only show when aliases are followed. */
function aliasError(document: Document, { message }: Error): YamlError {
  let fault: YamlError | undefined;
  const anchors = new Set<string>();
  visit(document, {
    Node(_, node) {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.add(node.anchor);
        return undefined;
      }
      if (anchors.has(node.source)) return undefined;
      const [near] = nearMisses(node.source, anchors, 1);
      // The alias itself is not shown: it may be a secret that begins with an asterisk.
      fault = new YamlError('it has an alias that names no anchor', {
        offset: node.range?.[0],
        help: [...(near === undefined ? [] : [`did you mean *${near}?`]), 'put a text that begins with * in quotes'],
      });
      return visit.BREAK;
    },
  });
  if (fault) return fault;
  if (message.startsWith('Excessive alias count')) return new YamlError('its aliases multiply into too much data');
  return new YamlError('its aliases or merge keys cannot be followed', { note: safeNote(message) });
}

const tagNames = ['!Env', '!TextFile', '!BinaryFile'];

function tags({ folder, env }: YamlSurroundings): (ScalarTag | CollectionTag)[] {
  const variable = (name: string, otherwise: unknown = null): Scalar =>
    Object.assign(new Scalar(readVariable(env, name) ?? otherwise), { source: name });

  const fileTag = (tag: string, read: (path: string) => unknown): ScalarTag => ({
    tag,
    resolve: (path, onError) => {
      const content = read(resolve(folder, path));
      if (!(content instanceof UnreadableFile)) return content;
      onError(`${tag} ${path}: ${content.why}`);
      return null;
    },
  });

  return [
    { tag: '!Env', resolve: (name) => variable(name) },
    {
      tag: '!Env',
      collection: 'map',
      resolve: (map, onError) => {
        const { name, default: otherwise, ...others } = map.toJSON() as Record<string, unknown>;
        if (typeof name === 'string' && Object.keys(others).length === 0) return variable(name, otherwise);
        onError('!Env takes a name, or { name, default }');
        return new Scalar(null);
      },
    },
    fileTag('!TextFile', (path) => readSmallText(path)),
    fileTag('!BinaryFile', (path) => asBytes(readSmallFile(path))),
  ];
}

/** Plain bytes: a `Buffer` would offer text operations that depend on Node. */
function asBytes(content: Buffer | UnreadableFile): Uint8Array | UnreadableFile {
  return content instanceof UnreadableFile ? content : new Uint8Array(content);
}

function find(document: Document, path: ConfigPath): { node: unknown; offset: number | undefined } | undefined {
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

function locate(document: Document, path: ConfigPath): YamlPlace | undefined {
  const { node, offset } = find(document, path) ?? {};
  if (offset === undefined) return undefined;
  const scalar = isAlias(node) ? node.resolve(document) : node;
  if (!isScalar(scalar)) return { offset };
  const tag = isTagged(scalar) ? `${scalar.tag} ${scalar.source}` : undefined;
  // The value of an alias is elsewhere.
  const value = scalar === node && scalar.range ? { start: scalar.range[0], end: scalar.range[1] } : undefined;
  return { offset, value, tag };
}

function isTagged(node: unknown): node is Scalar & { readonly tag: string } {
  return isScalar(node) && node.tag !== undefined && tagNames.includes(node.tag);
}

/** Whether one of our tags is on a node, in it, or in what its aliases refer to. */
function hasTag(document: Document, start: unknown): boolean {
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
  /** The node that stands for the entry: the key in a map, the item in a list. */
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

/** An entry that a merge key (`<<`) brings in, from one map or from the first of a list that has it. */
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

const jsonScalar = /^(?:null|true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?)$/i;

/** Where text that is no JSON stops being so, as far as a YAML parser can tell. */
export function findJsonFault(text: string): number | undefined {
  try {
    const document = parseWithinBounds(text);
    let offset = document.errors[0]?.pos[0];
    visit(document, {
      Scalar(key, node) {
        const fits =
          node.type === 'QUOTE_DOUBLE' ||
          (node.type === 'PLAIN' && key !== 'key' && jsonScalar.test(node.source ?? ''));
        if (!fits && node.range && (offset === undefined || node.range[0] < offset)) offset = node.range[0];
      },
    });
    return offset;
  } catch {
    return undefined;
  }
}
