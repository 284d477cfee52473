/** Measures how long the compiler checks the types of whole applications. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  implementationOf,
  type Effort,
  type Implementations,
  type Sample,
  type Workload,
} from '../harness/workload.ts';
import { asphalt, hand } from '../start/asphalt.ts';
import { effect, nestjs } from '../start/frameworks.ts';
import { layeredGraph } from '../start/graph.ts';
import { projectOf, writeProject } from '../start/programs.ts';
import type { Program } from '../start/text.ts';

const programs: Implementations<Program> = { asphalt, hand, '@nestjs/core': nestjs, effect };

const count = 1000;
const sets: Readonly<Record<Effort, string>> = { full: 'compile-1000', smoke: 'compile-1000-smoke' };

export const compile: Workload = {
  name: 'compile-1000',
  measures: `The types of an application of ${count} services in layers of 50, each with three needs in the previous layer, are checked by \`tsc\`, without reading files and writing output.`,
  unit: 'ms',
  yardstick: 'hand',
  target: 'asphalt faster than @nestjs/core and effect',
  subjects: [
    { name: 'asphalt', package: '@asphalt/core', note: 'a component for each' },
    // The compiler's version is that of all subjects.
    { name: 'hand', package: 'typescript', note: 'classes and variables, no library' },
    { name: '@nestjs/core', package: '@nestjs/core', note: 'one module' },
    { name: 'effect', package: 'effect', note: 'a layer for each' },
  ],
  async prepare(subject, effort) {
    writeProject(
      sets[effort],
      subject,
      implementationOf(programs, subject),
      layeredGraph(effort === 'full' ? count : 60),
    );
  },
  sample: async (subject, effort) => checkTypes(projectOf(sets[effort], subject)),
};

/** @throws when the project does not compile */
export function checkTypes(project: URL): Sample {
  const args = [compiler(), '-p', fileURLToPath(project), '--extendedDiagnostics'];
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  // The compiler writes its messages on the same stream, the first one first.
  if (status !== 0) throw new Error(`The program does not compile: ${stdout.split('\n')[0]}`);
  return {
    value: numberIn(stdout, 'Check time') * 1000,
    beside: {
      'total, ms': numberIn(stdout, 'Total time') * 1000,
      types: numberIn(stdout, 'Types'),
      instantiations: numberIn(stdout, 'Instantiations'),
      'memory, MB': numberIn(stdout, 'Memory used') / 1024,
    },
  };
}

/** Returns the path of the workspace's compiler. */
function compiler(): string {
  return join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');
}

/** Returns a number of the compiler's report, whose lines look like `Check time:  0.455s` and `Memory used:  56320K`. */
function numberIn(report: string, title: string): number {
  const found = new RegExp(`^${title}: +([\\d.]+)[sK]?$`, 'm').exec(report);
  if (!found) throw new Error(`The compiler reported no "${title}"`);
  return Number(found[1]);
}
