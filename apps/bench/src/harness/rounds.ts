/**
 * Takes the samples of a workload. Every round takes one sample of each subject, in its own process, and starts with a
 * different subject, so that a disturbance of the machine affects all of them.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Sample, Workload } from './workload.ts';

/** The samples of one subject by round; a round may be missing. */
export interface SubjectSamples {
  readonly samples: Array<Sample | undefined>;
  /** The reason of a failure. */
  failure?: string;
}

export type Samples = ReadonlyMap<string, SubjectSamples>;

/** Duration of a sample, in milliseconds, above which a subject is slow if all of its samples exceed it. */
const slowMs = 3_000;
/** Number of rounds for a slow subject. */
const slowRounds = 3;
/** Time limit of a sample, in milliseconds. */
const limitMs = 60_000;

const sampler = fileURLToPath(new URL('../sample.js', import.meta.url));

export async function takeSamples(workload: Workload, rounds: number): Promise<Samples> {
  const taken = new Map(workload.subjects.map(({ name }): [string, SubjectSamples] => [name, { samples: [] }]));
  const fastest = new Map<string, number>();
  for (const [name, subject] of taken) {
    await workload.prepare?.(name, 'full').catch((error: unknown) => {
      subject.failure = `cannot be prepared: ${String(error)}`;
    });
  }
  for (let round = 0; round < rounds; round++) {
    for (const name of rotated([...taken.keys()], round)) {
      const subject = taken.get(name)!;
      const isSlow = (fastest.get(name) ?? 0) > slowMs;
      if (subject.failure !== undefined || (isSlow && round >= slowRounds)) continue;
      const start = performance.now();
      const outcome = await sampleInProcess(workload, name);
      fastest.set(name, Math.min(performance.now() - start, fastest.get(name) ?? Infinity));
      if (typeof outcome === 'string') subject.failure = outcome;
      else subject.samples[round] = outcome;
    }
  }
  return taken;
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

/** @returns the sample, or the reason of its failure */
async function sampleInProcess(workload: Workload, subject: string): Promise<Sample | string> {
  const child = spawn(process.execPath, [...(workload.nodeOptions ?? []), sampler, workload.name, subject], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  const [stdout, stderr, { code, signal }] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
      child.on('error', reject).on('close', (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal }));
    }),
  ]);
  const line = stdout.trimEnd().split('\n').at(-1);
  if (code === 0 && line) return JSON.parse(line) as Sample;
  if (signal === 'SIGKILL') return `took more than ${limitMs / 1000} s`;
  return reasonIn(stderr) ?? `exited with ${signal ?? `code ${code}`} and no result`;
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

/** Returns the line of a process's standard error that names the error. */
function reasonIn(stderr: string): string | undefined {
  const lines = stderr.split('\n').map((line) => line.trim());
  return lines.find((line) => /^(\w*Error|Error \[\w+\]|FATAL ERROR)\b.*:/.test(line)) ?? lines.findLast(Boolean);
}
