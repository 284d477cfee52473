/** Locates values in parsed YAML on demand, through aliases and merge keys. */
import { isAlias, isCollection, isMap, isPair, isScalar, isSeq, type Document, type Scalar, type YAMLMap } from 'yaml';
import type { ConfigPath } from '../path.ts';
import type { EntryPlace } from './code-frame.ts';

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
