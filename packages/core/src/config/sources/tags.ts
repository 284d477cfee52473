/** Evaluates the tags of YAML: `!Env`, `!TextFile` and `!BinaryFile`. Must not import the YAML parser. */
import { resolve } from 'node:path';
import { readVariable, type Environment } from '../environment.ts';
import type { TagCall } from '../layers.ts';
import { readSmallFile, readSmallText, UnreadableFile } from './read-file.ts';

/** Returns the value of a tag. @param surroundings - the readable files and variables; relative paths start from `folder` */
export function tagValue(
  { tag, argument, otherwise }: TagCall,
  { folder, env }: { readonly folder: string; readonly env: Environment },
): unknown {
  if (tag === '!Env') return readVariable(env, argument) ?? otherwise ?? null;
  const file = resolve(folder, argument);
  return tag === '!TextFile' ? withoutLastBreak(readSmallText(file)) : asBytes(readSmallFile(file));
}

/** Describes a tag whose file cannot be read. */
export function unreadableText({ tag, argument }: TagCall, { why }: UnreadableFile): string {
  return `${tag} ${argument}: ${why}`;
}

/** Removes the final line break, which editors and mounted secrets append to the text. */
function withoutLastBreak(content: string | UnreadableFile): string | UnreadableFile {
  return content instanceof UnreadableFile ? content : content.replace(/\r?\n$/, '');
}

/** Returns a plain `Uint8Array`. A `Buffer` would offer text operations that depend on Node. */
function asBytes(content: Buffer | UnreadableFile): Uint8Array | UnreadableFile {
  return content instanceof UnreadableFile ? content : new Uint8Array(content);
}
