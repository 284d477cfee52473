/** Measures web servers, each in its own process, under the load of ten connections. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import type { Effort, Sample, Workload } from '../harness/workload.ts';

const program = fileURLToPath(new URL('../programs/web-server.js', import.meta.url));

const connections = 10;
/** Durations in seconds, or numbers of requests. */
const loads = {
  full: { warmUp: { duration: 0.5 }, measured: { duration: 1.5 } },
  smoke: { warmUp: { amount: connections }, measured: { amount: connections } },
};

const load = `A request to a server under load (${connections} connections, on the same machine)`;

/** The global `Request` and `Response`: those of Node, or the faster ones of hono's adapter (`overrideGlobals`). */
type Globals = 'standard' | 'override';

const settings: Readonly<Record<Globals, string>> = {
  standard: 'hono and asphalt use the standard `Response`',
  override: "hono and asphalt use the adapter's own global `Response`",
};

export function webHello(globals: Globals): Workload {
  return {
    name: globals === 'standard' ? 'web-hello' : 'web-hello-override',
    measures: `${load} receives a line of text; ${settings[globals]}.`,
    unit: 'µs',
    yardstick: 'hono',
    target: 'asphalt ≤ 1.3 × the time of hono',
    subjects: [
      { name: 'asphalt', package: '@asphalt/web', note: 'no context, because the handler uses none' },
      { name: 'hono', package: 'hono', note: 'with @hono/node-server' },
      { name: 'fastify', package: 'fastify' },
      { name: '@nestjs/core', package: '@nestjs/platform-fastify', note: 'on fastify' },
    ],
    sample: sampler('hello', globals),
  };
}

export function webContext(globals: Globals): Workload {
  return {
    name: globals === 'standard' ? 'web-context' : 'web-context-override',
    measures: `${load} creates an object of its own, receives a line of text, and closes the object; ${settings[globals]}.`,
    unit: 'µs',
    yardstick: 'hono',
    target: 'asphalt ≤ 1.5 × the time of hono',
    subjects: [
      { name: 'asphalt', package: '@asphalt/web', note: "a factory and its `dispose`, in the request's context" },
      { name: 'hono', package: 'hono', note: 'a middleware that creates and closes it' },
    ],
    sample: sampler('context', globals),
  };
}

export function webLogged(globals: Globals): Workload {
  return {
    name: globals === 'standard' ? 'web-logged' : 'web-logged-override',
    measures: `${load} receives a line of text and the id of the request, and is logged; ${settings[globals]}.`,
    unit: 'µs',
    yardstick: 'hono',
    target: 'asphalt ≤ 1.17 × the time of hono (at least 0.85 of its requests per second)',
    subjects: [
      { name: 'asphalt', package: '@asphalt/web', note: 'with `accessLog`, a line of JSON per request' },
      { name: 'hono', package: 'hono', note: 'with its `logger()`, two lines of text per request, and `requestId()`' },
    ],
    sample: sampler('logged', globals),
  };
}

/** @param kind - name of the servers; each listens on a free port and prints its URL */
function sampler(kind: 'hello' | 'context' | 'logged', globals: Globals): Workload['sample'] {
  return async (subject: string, effort: Effort): Promise<Sample> => {
    const args = [program, kind, subject, globals];
    const server = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      const lines = createInterface(server.stdout);
      const url = await new Promise<string>((resolve, reject) => {
        lines.once('line', resolve);
        server.once('exit', (code) => reject(new Error(`The server exited with ${code}`)));
      });
      const { warmUp, measured } = loads[effort];
      await requestsPerSecond(url, warmUp);
      return { value: 1e6 / (await requestsPerSecond(url, measured)) };
    } finally {
      server.kill('SIGKILL');
    }
  };
}

async function requestsPerSecond(url: string, amount: { duration: number } | { amount: number }): Promise<number> {
  const { default: autocannon } = await import('autocannon');
  const start = performance.now();
  const result = await autocannon({ url, connections, sampleInt: 100, ...amount, expectBody: 'hello' });
  const took = performance.now() - start;
  const { errors, mismatches, non2xx } = result;
  const good = result['2xx'];
  if (errors + mismatches + non2xx > 0 || good === 0) {
    throw new Error(`${good} good responses, ${errors} errors, ${mismatches} other bodies, ${non2xx} other statuses`);
  }
  return (good * 1000) / took;
}
