// Compares the codes of errors that the tests have caused with docs/reference/errors.md. scripts/thrown-codes.mjs records
// them while the tests run.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, say } from './setup.mjs';

/**
 * Prints the documented codes that no test has caused.
 *
 * @param folder - contains a file with recorded codes per test file
 * @returns whether the tests have caused every code
 */
export function checkCodes(folder) {
  const documented = documentedCodes(readFileSync(join(root, 'docs/reference/errors.md'), 'utf8'));
  const missing = missingCodes(documented, recordedCodes(folder));
  for (const code of missing) say(`No test causes ${code}: docs/reference/errors.md lists it`);
  say(`${documented.length - missing.length} of ${documented.length} documented codes are caused by tests`);
  return missing.length === 0;
}

/** Returns the codes of the first column of the tables of a page. */
export function documentedCodes(page) {
  return Array.from(page.matchAll(/^\| `(ERR_\w+)` \|/gm), ([, code]) => code);
}

export function missingCodes(documented, recorded) {
  return documented.filter((code) => !recorded.has(code));
}

function recordedCodes(folder) {
  const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  return new Set(texts.flatMap((text) => text.split('\n')));
}
