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

/** The options that an application with decorators needs, and strict checks. */
const compilerOptions = {
  target: 'es2022',
  lib: ['es2023', 'esnext.disposable'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: true,
  noEmit: true,
};

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
  writeInto(set, `${fileName(subject)}.js`, code);
}

/** Writes the sources of a program, and a project that the compiler can check. */
export function writeProject(set: string, subject: string, { write }: Program, graph: Graph): void {
  const source = `${fileName(subject)}.ts`;
  writeInto(set, source, write(graph));
  writeInto(set, `${fileName(subject)}.json`, JSON.stringify({ compilerOptions, files: [source] }));
}

/** Returns the project that {@link writeProject} has written. */
export function projectOf(set: string, subject: string): URL {
  return new URL(`${set}/${fileName(subject)}.json`, folder);
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
  return new URL(`${set}/${fileName(subject)}.js`, folder);
}

function writeInto(set: string, name: string, text: string): void {
  const file = new URL(`${set}/${name}`, folder);
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(file, text);
}

/** Returns the name of the files of a subject, without an extension. */
export function fileName(subject: string): string {
  return subject.replaceAll(/[^\w-]+/g, '-');
}
