import type { Workload } from './harness/workload.ts';
import { awaitTax } from './await-tax/workload.ts';
import { checked } from './checked/workload.ts';
import { cliHello } from './cli-hello/workload.ts';
import { config } from './config/workload.ts';
import { graphScale } from './graph-scale/workload.ts';
import { lookup } from './lookup/workload.ts';
import { memory } from './memory/workload.ts';
import { requestContext } from './request-context/workload.ts';
import { signalStream } from './signal-stream/workload.ts';
import { signalWorkload } from './signal/workload.ts';
import { startLatency } from './start-latency/workload.ts';
import { startDeep, startWorkload } from './start/workload.ts';
import { threadsHashing } from './threads-hashing/workload.ts';
import { threads } from './threads/workload.ts';
import { webContext, webHello } from './web/workload.ts';

/** All workloads, in the order of the report. */
export const workloads: readonly Workload[] = [
  ...[300, 1000, 10_000].map(startWorkload),
  ...(['a', 'b', 'c'] as const).map(startLatency),
  ...[100, 500, 5000].map(startDeep),
  requestContext,
  lookup,
  ...[0, 1, 10, 100].map(signalWorkload),
  signalStream,
  config,
  ...[1000, 10_000, 100_000].map(graphScale),
  cliHello,
  ...(['standard', 'override'] as const).flatMap((globals) => [webHello(globals), webContext(globals)]),
  threads,
  threadsHashing,
  checked,
  ...(['component', 'context', 'subscriber'] as const).map(memory),
  ...([20, 22, 24] as const).map(awaitTax),
];
