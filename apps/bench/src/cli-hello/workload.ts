/** A program that says hello and ends, from the start of its process to its end. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Workload } from '../harness/workload.ts';

const files: Readonly<Record<string, string>> = {
  asphalt: 'asphalt.js',
  node: 'node.js',
  '@nestjs/core': 'nestjs.js',
  effect: 'effect.js',
};

export const cliHello: Workload = {
  name: 'cli-hello',
  measures: 'A program of one component says hello and ends; the time is that of its whole process.',
  unit: 'ms',
  yardstick: 'node',
  target: 'asphalt ≤ 1.6 × node',
  subjects: [
    { name: 'asphalt', package: '@asphalt/core' },
    { name: 'node', note: '`console.log`' },
    { name: '@nestjs/core', package: '@nestjs/core' },
    { name: 'effect', package: 'effect' },
  ],
  async sample(subject) {
    const file = fileURLToPath(new URL(files[subject]!, import.meta.url));
    const start = performance.now();
    const { stdout, status } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
    const value = performance.now() - start;
    if (stdout !== 'hello\n' || status !== 0) throw new Error(`The program said "${stdout}" and ended with ${status}`);
    return { value };
  },
};
