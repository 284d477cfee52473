// Fails every test in which a secret is printed: by the test's own process or by one that it starts, on standard output
// or standard error. vitest loads it before each file of tests. Every secret in tests holds the word below, so that it
// is known wherever it turns up.

import childProcess from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { syncBuiltinESMExports } from 'node:module';
import { format } from 'node:util';
import { afterAll, afterEach } from 'vitest';

const secret = /hunter\d/;
/** One character less than a secret has: what the next chunk may go on with. */
const longestStart = 6;
/** Who has printed one since the last test. */
const printers = new Set();

afterEach(failIfPrinted);
// What a process prints when the last test is over.
afterAll(failIfPrinted);

watchConsole();
watchStream(process.stdout, 'write', 'the test');
watchStream(process.stderr, 'write', 'the test');
watchProcesses();
for (const name of ['spawnSync', 'execFileSync', 'execSync']) watchSyncProcess(name);
syncBuiltinESMExports();

function failIfPrinted() {
  if (printers.size === 0) return;
  const names = [...printers].join(', ');
  printers.clear();
  throw new Error(`A secret was printed, by ${names}`);
}

/** The console of a test does not write to the streams of its process. */
function watchConsole() {
  for (const name of ['debug', 'dir', 'error', 'info', 'log', 'table', 'trace', 'warn']) {
    const print = console[name];
    console[name] = (...values) => {
      if (secret.test(format(...values))) printers.add(`console.${name}`);
      return print.apply(console, values);
    };
  }
}

/** Looks at what goes through a method of a stream, without reading from it in anybody's place. */
function watchStream(stream, method, printer) {
  const pass = stream[method];
  let start = '';
  stream[method] = function (chunk, ...rest) {
    if (chunk !== null) start = look(start + text(chunk), printer);
    return pass.call(this, chunk, ...rest);
  };
}

function watchProcesses() {
  subscribe('child_process', ({ process: child }) => {
    // It has its streams when whoever starts it has started it, and nothing can come through them before.
    process.nextTick(() => {
      const name = `the process ${child.spawnargs?.join(' ')}`;
      for (const stream of [child.stdout, child.stderr]) if (stream) watchStream(stream, 'push', name);
    });
  });
}

function watchSyncProcess(name) {
  const run = childProcess[name];
  childProcess[name] = (...args) => {
    const printer = `${name}(${args[0]})`;
    try {
      const result = run(...args);
      // The one gives both outputs, the others the first.
      for (const output of result?.output ?? [result]) look(text(output), printer);
      return result;
    } catch (error) {
      for (const output of error.output ?? []) look(text(output), printer);
      throw error;
    }
  };
}

function look(printed, printer) {
  if (secret.test(printed)) printers.add(printer);
  return printed.slice(-longestStart);
}

function text(chunk) {
  return Buffer.isBuffer(chunk) ? chunk.toString('latin1') : String(chunk ?? '');
}
