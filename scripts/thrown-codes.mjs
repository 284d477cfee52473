// Records the codes of all errors of the runtime that tests cause. vitest loads this file before each test file; it
// records only under `npm test`, which then compares the codes with docs/reference/errors.md.
// A code counts if code of a package creates its error, or if a started process prints it. An error that a test creates
// itself, such as one for a snapshot of its message, does not count.

import { randomUUID } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';
import { watchPrinted } from './printed-text.mjs';

const folder = process.env.THROWN_CODES_FOLDER;
const codes = new Set();
/** The errors since the last test. Their constructors set the code after the event. */
const created = [];
/** Property tests create many errors, which must not stay in memory. */
const mostCreated = 100;

if (folder !== undefined) record();

function record() {
  subscribe('asphalt:error', (error) => {
    if (created.length >= mostCreated) collect();
    created.push(error);
  });
  watchPrinted(() => (text) => {
    for (const [code] of text.matchAll(/\bERR_[A-Z_]+\b/g)) codes.add(code);
  });
  afterEach(collect);
  afterAll(() => {
    collect();
    writeFileSync(join(folder, randomUUID()), [...codes].join('\n'));
  });
}

function collect() {
  for (const error of created.splice(0))
    if (error.code !== undefined && !codes.has(error.code) && isFromPackage(error)) codes.add(error.code);
}

/** Returns whether the caller of the error's constructors is code of a package. */
function isFromPackage({ stack }) {
  const caller = stack.split('\n').find((line) => /^ +at (?!new \w*(?:Error|Problem) )/.test(line));
  return caller !== undefined && !/\/test\//.test(caller);
}
