/** Compiles the programs of subjects into files and runs them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Graph } from './graph.ts';
import { findFault } from './ledger.ts';
import type { Generated, Program } from './text.ts';

/** The duration of each phase of one run, in milliseconds. */
export interface Run {
  readonly importing: number;
  readonly declaring: number;
  readonly building: number;
  readonly starting: number;
  readonly stopping: number;
  /** Processor time without the loading of libraries; it hardly changes on a busy machine. */
  readonly cpu: number;
}

/** Helpers of compiled decorators; loaded with the libraries. */
const helpers = ['decorate', 'decorateMetadata', 'decorateParam'].map((name) => `@oxc-project/runtime/helpers/${name}`);

const folder = new URL('../../dist/generated/', import.meta.url);

/** @param set - name of the graph and of the folder of its programs */
export async function writeProgram(set: string, subject: string, { write }: Program, graph: Graph): Promise<void> {
  const { transformSync } = await import('oxc-transform');
  const { code, errors } = transformSync('program.ts', write(graph), {
    target: 'es2022',
    decorator: { legacy: true, emitDecoratorMetadata: true },
    assumptions: { setPublicClassFields: true },
    typescript: { removeClassFieldsWithoutInitializer: true },
  });
  if (errors.length > 0) throw new Error(`The program of ${subject} does not compile: ${errors[0]!.message}`);
  const file = fileOf(set, subject);
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(file, code);
}

/** @throws when the started and stopped services differ from the graph */
export async function runProgram(set: string, subject: string, program: Program, graph: Graph): Promise<Run> {
  // Loads the file into the disk cache, so that the disk is not measured.
  readFileSync(fileOf(set, subject));
  const times = [performance.now()];
  const lap = (): void => void times.push(performance.now());
  for (const library of [...program.libraries, ...(program.libraries.length > 0 ? helpers : [])]) await import(library);
  const cpuBefore = process.cpuUsage();
  lap();
  const { build } = (await import(fileOf(set, subject).href)) as Generated;
  lap();
  const application = await build();
  lap();
  await application.start();
  lap();
  await application.stop();
  lap();
  const { user, system } = process.cpuUsage(cpuBefore);
  const fault = findFault(graph, program.stops);
  if (fault !== undefined) throw new Error(`Wrong result: ${fault}`);
  const [importing, declaring, building, starting, stopping] = times.slice(1).map((time, at) => time - times[at]!);
  return {
    importing: importing!,
    declaring: declaring!,
    building: building!,
    starting: starting!,
    stopping: stopping!,
    cpu: (user + system) / 1000,
  };
}

function fileOf(set: string, subject: string): URL {
  return new URL(`${set}/${subject.replaceAll(/[^\w-]+/g, '-')}.js`, folder);
}
