// Watches everything that a test prints: in its own process and in processes that it starts, on standard output and
// standard error. The text passes unchanged.

import childProcess from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { syncBuiltinESMExports } from 'node:module';
import { format } from 'node:util';

/**
 * Watches the text that the rest of this test file prints.
 *
 * @param open - receives the name of a printer, and returns the function that receives its text in chunks
 */
export function watchPrinted(open) {
  watchConsole(open);
  watchStream(process.stdout, 'write', open('the test'));
  watchStream(process.stderr, 'write', open('the test'));
  watchProcesses(open);
  for (const name of ['spawnSync', 'execFileSync', 'execSync']) watchSyncProcess(name, open);
  syncBuiltinESMExports();
}

/** Watches the console, because vitest's console does not write to the streams of the process. */
function watchConsole(open) {
  for (const name of ['debug', 'dir', 'error', 'info', 'log', 'table', 'trace', 'warn']) {
    const print = console[name];
    console[name] = (...values) => {
      open(`console.${name}`)(format(...values));
      return print.apply(console, values);
    };
  }
}

/** Inspects the chunks that pass through a method of a stream, without consuming them. */
function watchStream(stream, method, look) {
  const pass = stream[method];
  stream[method] = function (chunk, ...rest) {
    if (chunk !== null) look(text(chunk));
    return pass.call(this, chunk, ...rest);
  };
}

function watchProcesses(open) {
  subscribe('child_process', ({ process: child }) => {
    // `spawn` creates the streams after it emits this event. They carry no data before the next tick.
    process.nextTick(() => {
      const name = `the process ${child.spawnargs?.join(' ')}`;
      for (const stream of [child.stdout, child.stderr]) if (stream) watchStream(stream, 'push', open(name));
    });
  });
}

function watchSyncProcess(name, open) {
  const run = childProcess[name];
  childProcess[name] = (...args) => {
    const look = (output) => open(`${name}(${args[0]})`)(text(output));
    try {
      const result = run(...args);
      // `spawnSync` returns both outputs, the others only standard output.
      for (const output of result?.output ?? [result]) look(output);
      return result;
    } catch (error) {
      for (const output of error.output ?? []) look(output);
      throw error;
    }
  };
}

function text(chunk) {
  return Buffer.isBuffer(chunk) ? chunk.toString('latin1') : String(chunk ?? '');
}
