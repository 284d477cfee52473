/** Measures a program that prints hello and exits, from the start of its process to its end. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Workload } from '../harness/workload.ts';

const folder = new URL('../../dist/generated/', import.meta.url);
const hello = fileURLToPath(new URL('hello.js', folder));

/** The arguments of Node for each subject. */
const commands: Readonly<Record<string, readonly string[]>> = {
  asphalt: [program('asphalt.js')],
  '@asphalt/cli': [program('../../node_modules/@asphalt/cli/bin/asphalt.js'), 'run', hello],
  node: [program('node.js')],
  '@nestjs/core': [program('nestjs.js')],
  effect: [program('effect.js')],
};

function program(file: string): string {
  return fileURLToPath(new URL(`../cli-hello/${file}`, import.meta.url));
}

export const cliHello: Workload = {
  name: 'cli-hello',
  measures: 'A program of one component prints hello and exits; the time is that of its whole process.',
  unit: 'ms',
  yardstick: 'node',
  target: 'asphalt ≤ 1.6 × node',
  subjects: [
    { name: 'asphalt', package: '@asphalt/core', note: '`runApplication`' },
    { name: '@asphalt/cli', package: '@asphalt/cli', note: '`asphalt run hello.js`' },
    { name: 'node', note: '`console.log`' },
    { name: '@nestjs/core', package: '@nestjs/core' },
    { name: 'effect', package: 'effect' },
  ],
  async prepare() {
    mkdirSync(folder, { recursive: true });
    writeFileSync(hello, "export { Hello as default } from '../programs/hello.js';\n");
  },
  async sample(subject) {
    const start = performance.now();
    const { stdout, status } = spawnSync(process.execPath, commands[subject]!, { encoding: 'utf8' });
    const value = performance.now() - start;
    // The command logs the start on the same stream.
    if (!/^hello$/m.test(stdout) || status !== 0)
      throw new Error(`The program printed "${stdout}" and exited with ${status}`);
    return { value };
  },
};
