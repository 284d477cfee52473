/**
 * Takes the samples of a workload: in every round one of each subject, in a process of its own, and every round begins
 * with another subject, so that what disturbs the machine for a while disturbs all of them.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Sample, Workload } from './workload.ts';

/** The samples of one subject by round; a round may be missing. */
export interface SubjectSamples {
  readonly samples: Array<Sample | undefined>;
  /** Why it did not get to its end. */
  failure?: string;
}

export type Samples = ReadonlyMap<string, SubjectSamples>;

/** A subject that takes longer for each of its samples, in milliseconds, … */
const slowMs = 3_000;
/** … is seen to be slow after as many. */
const slowRounds = 3;
/** What takes longer than this, in milliseconds, does not end as far as anybody would wait. */
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

/** @returns the sample, or why there is none */
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
  return reasonIn(stderr) ?? `ended with ${signal ?? `code ${code}`} and no result`;
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

/** The line that names the error, in what a process wrote before it ended. */
function reasonIn(stderr: string): string | undefined {
  const lines = stderr.split('\n').map((line) => line.trim());
  return lines.find((line) => /^(\w*Error|Error \[\w+\]|FATAL ERROR)\b.*:/.test(line)) ?? lines.findLast(Boolean);
}
