/**
 * Reads YAML 1.2 safely: plain data and the tags `!Env`, `!TextFile` and `!BinaryFile`. No tag creates class instances.
 *
 * The position of a value is looked up in the parsed document on demand. Loading records nothing.
 */
import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  Scalar,
  visit,
  type YAMLError,
  type CollectionTag,
  type Document,
  type ScalarTag,
} from 'yaml';
import { nearMisses } from '../../errors/near-misses.ts';
import type { Environment } from '../environment.ts';
import { referenceIn } from '../literal-references.ts';
import type { TagCall } from '../layers.ts';
import type { ConfigPath } from '../path.ts';
import { position } from './code-frame.ts';
import {
  duplicateKey,
  find,
  hasComment,
  hasTag,
  locate,
  parseWithinBounds,
  tagCall,
  tagNames,
  withinStack,
  YamlError,
  type YamlPlace,
} from './yaml-document.ts';
import { UnreadableFile } from './read-file.ts';
import { tagValue, unreadableText } from './tags.ts';

/** The folder and the environment that tags can read. */
export interface YamlOptions {
  /** The folder that relative paths of `!TextFile` and `!BinaryFile` start from. */
  readonly folder: string;
  readonly env: Environment;
  /** Whether a file that a tag names may be missing, because the tag is evaluated again later. Its value is then null. */
  readonly allowsMissingFiles?: boolean | undefined;
}

export interface YamlText {
  readonly data: unknown;
  /** Returns the position of a value, also through aliases and merge keys. */
  readonly locate: (path: ConfigPath) => YamlPlace | undefined;
  /** Returns whether a tag produces a value or a part of it. */
  readonly hasTag?: (path: ConfigPath) => boolean;
  /** Returns the tag that produces a value, and the offset of the tag. */
  readonly tagCall?: (path: ConfigPath) => (TagCall & { readonly offset: number }) | undefined;
}

/**
 * Reads one YAML document.
 *
 * @throws {@link YamlError} when the text is not YAML, has an unknown tag, expands without bounds or names a missing
 * file
 */
export function parseYaml(text: string, options: YamlOptions): YamlText {
  const document = parseSafely(text, options);
  return {
    data: toData(document),
    locate: (path) => locate(document, path),
    hasTag: (path) => hasTag(document, find(document, path)?.node),
    tagCall: (path) => tagCall(document, path, text),
  };
}

/**
 * Reads the text after `--set path=` as YAML.
 *
 * @throws {@link YamlError} like {@link parseYaml}, and when YAML would drop a comment or join lines
 */
export function parseTypedYaml(
  text: string,
  options: YamlOptions,
): { readonly data: unknown; readonly hasTag: boolean } {
  const document = parseSafely(text, options);
  if (hasComment(text)) throw new YamlError('it contains a comment');
  visit(document, {
    Scalar(_, { type, range }) {
      if (type !== 'PLAIN' && type !== 'QUOTE_SINGLE' && type !== 'QUOTE_DOUBLE') return;
      if (range && text.slice(range[0], range[1]).includes('\n')) {
        throw new YamlError('it contains text of several lines, which YAML would join');
      }
    },
  });
  return { data: toData(document), hasTag: hasTag(document, document.contents) };
}

function parseSafely(text: string, options: YamlOptions): Document {
  const document = parseWithinBounds(text, {
    merge: true,
    stringKeys: true,
    resolveKnownTags: false,
    customTags: tags(options),
  });
  // The library reads a value with an unknown tag as a string and only warns.
  const [fault] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (fault) throw yamlError(fault, text);
  return withUniqueKeys(document, text);
}

/** Rejects duplicate keys in linear time; the library's own check is quadratic. */
function withUniqueKeys(document: Document, text: string): Document {
  const nodes: unknown[] = [document.contents];
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    if (isSeq(node)) nodes.push(...node.items.filter(isCollection));
    if (!isMap(node)) continue;
    const offsets = new Map<unknown, number>();
    for (const { key, value } of node.items) {
      if (isCollection(value)) nodes.push(value);
      if (!isScalar(key) || key.value === '<<') continue;
      const first = offsets.get(key.value);
      if (first !== undefined) throw duplicateKey(text, first, key.range?.[0]);
      offsets.set(key.value, key.range?.[0] ?? 0);
    }
  }
  return document;
}

function yamlError({ code, message, pos: [offset] }: YAMLError, text: string): YamlError {
  if (code !== 'TAG_RESOLVE_FAILED') {
    const { start } = position(text, offset);
    const help =
      referenceIn(text.slice(start, offset + 200).split('\n', 1)[0]) && 'read a variable with a tag: `!Env NAME`';
    return new YamlError('it is not valid YAML', { offset, note: safeNote(message), help });
  }
  if (tagNames.some((tag) => message.startsWith(tag))) return new YamlError(message, { offset });
  const [tag = ''] = /^\S*/.exec(text.slice(offset, offset + 100)) ?? [];
  const [near] = nearMisses(tag, tagNames, 1);
  // Does not show the tag, which may be a secret that starts with an exclamation mark.
  const help = near === undefined ? 'use !Env, !TextFile or !BinaryFile' : `did you mean ${near}?`;
  return new YamlError('it contains an unknown tag', { offset, help: [help, 'quote text that starts with !'] });
}

/** Returns the message of the library without its quotations of the text. */
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

/** Explains a failure that the library detects only when it resolves aliases. */
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
      // Does not show the alias, which may be a secret that starts with an asterisk.
      fault = new YamlError('it contains an alias without an anchor', {
        offset: node.range?.[0],
        help: [...(near === undefined ? [] : [`did you mean *${near}?`]), 'quote text that starts with *'],
      });
      return visit.BREAK;
    },
  });
  if (fault) return fault;
  if (message.startsWith('Excessive alias count')) return new YamlError('its aliases expand into too much data');
  return new YamlError('its aliases or merge keys cannot be resolved', { note: safeNote(message) });
}

function tags({ folder, env, allowsMissingFiles = false }: YamlOptions): (ScalarTag | CollectionTag)[] {
  const variable = (name: string, otherwise: unknown = null): Scalar =>
    Object.assign(new Scalar(tagValue({ tag: '!Env', argument: name, otherwise }, { folder, env })), {
      source: name,
      otherwise,
    });

  const fileTag = (tag: '!TextFile' | '!BinaryFile'): ScalarTag => ({
    tag,
    resolve: (path, onError) => {
      const content = tagValue({ tag, argument: path }, { folder, env });
      if (!(content instanceof UnreadableFile)) return content;
      if (!allowsMissingFiles) onError(unreadableText({ tag, argument: path }, content));
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
    fileTag('!TextFile'),
    fileTag('!BinaryFile'),
  ];
}
