// `node scripts/prose.mjs`: counts the mannerisms that docs/writing.md advises against, for each package and for docs, and
// fails above three in 1,000 words.
// `node scripts/prose.mjs --max 5` sets another limit.
// `node scripts/prose.mjs --list packages/sql` prints each place below a folder.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { countWords, mannerisms } from './prose/expressions.mjs';
import { lineAt, proseOf } from './prose/texts.mjs';
import { root, say, setup } from './setup.mjs';

const defaultLimit = 3;

/** Measures every group of files. @returns for each its words, its mannerisms with their places, and the rate in 1,000 */
export function measureProse(files = committedFiles()) {
  const groups = new Map();
  for (const file of files) {
    const name = groupOf(file);
    if (name === undefined) continue;
    if (!groups.has(name)) groups.set(name, { name, words: 0, found: [] });
    const group = groups.get(name);
    const content = readFileSync(join(root, file), 'utf8');
    for (const { index, text } of proseOf(file, content)) {
      group.words += countWords(text);
      for (const hit of mannerisms(text)) group.found.push({ ...hit, file, line: lineAt(content, index + hit.index) });
    }
  }
  return [...groups.values()]
    .map((group) => ({ ...group, per1000: (group.found.length / Math.max(1, group.words)) * 1000 }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** Prints the table. @returns whether every group is within the limit */
export function checkProse(max = defaultLimit) {
  const groups = measureProse();
  say(`${'prose'.padEnd(24)}   words  mannerisms  in 1,000 words`);
  for (const { name, words, found, per1000 } of groups) {
    const columns = [String(words).padStart(8), String(found.length).padStart(12), per1000.toFixed(1).padStart(16)];
    say(`${name.padEnd(24)}${columns.join('')}${per1000 > max ? `  more than ${max}` : ''}`);
  }
  const excess = groups.filter(({ per1000 }) => per1000 > max);
  for (const { name } of excess) say(`node scripts/prose.mjs --list ${name} shows each place`);
  return excess.length === 0;
}

function committedFiles() {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root });
  return listed.toString().split('\0').filter(Boolean);
}

/** Returns the package or folder that a file counts toward; undefined for generated files and fixtures. */
function groupOf(file) {
  if (
    /(^|\/)(__snapshots__|fixtures|node_modules)\/|(^|\/)CHANGELOG\.md$|^docs\/writing\.md$|^scripts\/prose\/expressions/.test(
      file,
    )
  )
    return undefined;
  const [top, name] = file.split('/');
  if (top === 'packages' || top === 'apps') return `${top}/${name}`;
  if (top === 'docs' || top === 'scripts') return top;
  return file.endsWith('.md') ? 'docs' : undefined;
}

function list(folder) {
  for (const { found } of measureProse())
    for (const { file, line, found: words, avoid } of found)
      if (file.startsWith(folder)) say(`${file}:${line}: ${words}  (${avoid})`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({ options: { max: { type: 'string' }, list: { type: 'string' } } });
  await setup();
  if (values.list !== undefined) list(values.list);
  else process.exitCode = checkProse(values.max === undefined ? defaultLimit : Number(values.max)) ? 0 : 1;
}
