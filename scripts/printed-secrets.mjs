// Fails every test that prints a secret: in its own process or in one that it starts, on standard output or standard
// error. vitest loads this file before each test file. Every secret in tests contains the word below, so it is
// recognizable in any output.

import { afterAll, afterEach } from 'vitest';
import { watchPrinted } from './printed-text.mjs';

const secret = /hunter\d/;
/** The longest incomplete secret at the end of a chunk, which the next chunk may complete. */
const longestStart = 6;
/** The printers of secrets since the last test. */
const printers = new Set();

afterEach(failIfPrinted);
// Also covers output after the last test.
afterAll(failIfPrinted);

watchPrinted((printer) => {
  let start = '';
  return (text) => {
    const printed = start + text;
    if (secret.test(printed)) printers.add(printer);
    start = printed.slice(-longestStart);
  };
});

function failIfPrinted() {
  if (printers.size === 0) return;
  const names = [...printers].join(', ');
  printers.clear();
  throw new Error(`A secret was printed, by ${names}`);
}
