// Counts the lines of integrations: the code that remains beside the kit.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'oxc-parser';
import { root } from '../setup.mjs';

/** Counts the lines of code below a folder, without helpers for tests. @returns rows of path and lines */
export function ownLines(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('testing'))
    .map((file) => join(folder, file))
    .map((path) => ({ path, lines: countCode(path, readFileSync(join(root, path), 'utf8')) }));
}

/** Counts the lines of a source that are neither blank nor comments. */
export function countCode(path, content) {
  const { comments } = parseSync(path, content);
  const code = comments.reduce(
    (text, { start, end }) => text.slice(0, start) + text.slice(start, end).replaceAll(/[^\n]/g, ' ') + text.slice(end),
    content,
  );
  return code.split('\n').filter((line) => line.trim() !== '').length;
}
