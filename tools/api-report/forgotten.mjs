// Decides which types that signatures use must be exported.

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/**
 * Types that the compiler computes from the arguments of a call. A user passes values and never writes these names, and
 * exporting one would require to export the types that it consists of.
 */
const computed = new Set([
  // @asphalt/core: options
  'InputOf',
  'OptionsFor',
  'ValueOf',
  // decorators
  'AllOf',
  'Handling',
  'Identifiers',
  'Injected',
  'Injection',
  'MethodDecoration',
  'Provision',
  // contexts, signals and tasks
  'Cancellable',
  'EventOf',
  'Ids',
  'Work',
  // /ambient and /checked
  'AllMatch',
  'Matches',
  'Outcome',
  'ResourcesOf',
  'YieldOf',
  // @asphalt/threads and @asphalt/web
  'AnyFunction',
  'ResourceOf',
]);

/** Values that a user passes from one function to another and has no reason to name. */
const opaque = new Set(['ChildDeclaration', 'FromConfig']);

/**
 * Returns a text for each type that a public signature uses and that no entry point of its package exports.
 *
 * Allows the types above, schemas (`Component<typeof options>` uses a constant), and types of `@internal` members.
 *
 * @param messages - messages of API Extractor, each with the name of its report
 * @param exportedNames - for each report, the names that the entry points of its package export
 */
export function forgottenExports(messages, exportedNames) {
  const found = messages.flatMap(({ name, message }) => {
    const { sourceFilePath: file, sourceFileLine: line } = message;
    const symbol = symbolIn(message);
    const isAllowed = computed.has(symbol) || opaque.has(symbol) || /^[a-z]/.test(symbol);
    if (isAllowed || exportedNames.get(name).has(symbol) || isInternal(readFileSync(file, 'utf8'), line)) return [];
    return [`${relative(process.cwd(), file)}:${line}: export ${symbol}, which a signature of ${name} uses`];
  });
  return [...new Set(found)];
}

/** Returns a text for each type above that no signature uses. */
export function unusedExceptions(messages) {
  const used = new Set(messages.map(({ message }) => symbolIn(message)));
  return [...computed, ...opaque]
    .filter((symbol) => !used.has(symbol))
    .map((symbol) => `tools/api-report/forgotten.mjs: remove ${symbol}, which no signature uses`);
}

/** Returns the name in a message. API Extractor appends a number if an entry point has several symbols of one name. */
function symbolIn({ text }) {
  return /^The symbol "(\w+?)(?:_\d+)?"/.exec(text)[1];
}

/** Returns whether a line belongs to a declaration or member that is marked `@internal`. */
export function isInternal(source, line) {
  const lines = source.split('\n');
  let depth = Infinity;
  for (let index = line - 1; index >= 0 && depth > 0; index--) {
    const text = lines[index];
    const indent = text.search(/[^\s]/);
    if (indent === -1 || indent >= depth || /^\s*(\*|\/\*)/.test(text)) continue;
    depth = indent;
    if (commentAbove(lines, index).includes('@internal')) return true;
  }
  return false;
}

function commentAbove(lines, index) {
  if (!/\*\/\s*$/.test(lines[index - 1] ?? '')) return '';
  let first = index - 1;
  while (first > 0 && !/\/\*/.test(lines[first])) first--;
  return lines.slice(first, index).join('\n');
}
