// Fails every test that prints a secret: in its own process or in one that it starts, on standard output or standard
// error. vitest loads this file before each test file. Every secret in tests contains the word below, so it is
// recognizable in any output.

import childProcess from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { syncBuiltinESMExports } from 'node:module';
import { format } from 'node:util';
import { afterAll, afterEach } from 'vitest';

const secret = /hunter\d/;
/** The longest incomplete secret at the end of a chunk, which the next chunk may complete. */
const longestStart = 6;
/** The printers of secrets since the last test. */
const printers = new Set();

afterEach(failIfPrinted);
// Also covers output after the last test.
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

/** Watches the console, because vitest's console does not write to the streams of the process. */
function watchConsole() {
  for (const name of ['debug', 'dir', 'error', 'info', 'log', 'table', 'trace', 'warn']) {
    const print = console[name];
    console[name] = (...values) => {
      if (secret.test(format(...values))) printers.add(`console.${name}`);
      return print.apply(console, values);
    };
  }
}

/** Inspects the chunks that pass through a method of a stream, without consuming them. */
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
    // `spawn` creates the streams after it emits this event. They carry no data before the next tick.
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
      // `spawnSync` returns both outputs, the others only standard output.
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
