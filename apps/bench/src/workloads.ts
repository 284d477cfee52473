import type { Workload } from './harness/workload.ts';
import { awaitTax } from './workloads/await-tax.ts';
import { builtWorkload } from './workloads/built.ts';
import { builtHello } from './workloads/built-hello.ts';
import { checked } from './workloads/checked.ts';
import { cliHello } from './workloads/cli-hello.ts';
import { compile } from './workloads/compile.ts';
import { config } from './workloads/config.ts';
import { graphScale } from './workloads/graph-scale.ts';
import { health } from './workloads/health.ts';
import { lookup } from './workloads/lookup.ts';
import { memory } from './workloads/memory.ts';
import { queueNats } from './workloads/queue-nats.ts';
import { queue } from './workloads/queue.ts';
import { requestContext } from './workloads/request-context.ts';
import { signalStream } from './workloads/signal-stream.ts';
import { signalWorkload } from './workloads/signal.ts';
import { sqlTransaction } from './workloads/sql-transaction.ts';
import { startLatency } from './workloads/start-latency.ts';
import { startDeep, startWorkload } from './workloads/start.ts';
import { testStart } from './workloads/test-start.ts';
import { threadsHashing } from './workloads/threads-hashing.ts';
import { threads } from './workloads/threads.ts';
import { webContext, webHello, webLogged } from './workloads/web.ts';

/** All workloads, in the order of the report. */
export const workloads: readonly Workload[] = [
  ...[300, 1000, 10_000].map(startWorkload),
  ...(['a', 'b', 'c'] as const).map(startLatency),
  ...[100, 500, 5000].map(startDeep),
  testStart,
  requestContext,
  lookup,
  ...[0, 1, 10, 100].map(signalWorkload),
  signalStream,
  config,
  health,
  ...[1000, 10_000, 100_000].map(graphScale),
  cliHello,
  builtWorkload,
  builtHello,
  compile,
  ...(['standard', 'override'] as const).flatMap((globals) => [
    webHello(globals),
    webContext(globals),
    webLogged(globals),
  ]),
  sqlTransaction,
  queue,
  queueNats,
  threads,
  threadsHashing,
  checked,
  ...(['component', 'context', 'subscriber'] as const).map(memory),
  ...([20, 22, 24] as const).map(awaitTax),
];
