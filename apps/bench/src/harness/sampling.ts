/** Takes one sample of a workload in a new process. */
import { spawn } from 'node:child_process';
import type { Sample, Workload } from './workload.ts';

/** Time limit of a sample, in milliseconds. */
const limitMs = 60_000;

/**
 * @param sampler - path of the program that takes samples, `sample.js` of a checkout
 * @returns the sample, or the reason of its failure
 */
export async function takeSample(sampler: string, workload: Workload, subject: string): Promise<Sample | string> {
  const { name, node = process.execPath, nodeOptions = [] } = workload;
  const child = spawn(node, [...nodeOptions, sampler, name, subject], {
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
