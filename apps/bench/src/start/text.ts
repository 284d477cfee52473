/** Generates the parts of programs that all subjects share. */
import type { Graph, Service } from './graph.ts';
import type { Stops } from './ledger.ts';

/** Generates the program that users of one subject would write. */
export interface Program {
  /** The imports of the program; loaded before it and timed separately. */
  readonly libraries: readonly string[];
  readonly stops: Stops;
  /**
   * Returns a TypeScript module that exports `build()`, which returns the application with `start()` and `stop()`. All
   * work before the start belongs into `build`.
   */
  readonly write: (graph: Graph) => string;
}

/** The exports of a generated module. */
export interface Generated {
  readonly build: () => Application | Promise<Application>;
}

export interface Application {
  start(): unknown;
  stop(): unknown;
}

interface ClassOptions {
  readonly before?: string;
  /** Text before each parameter of the constructor. */
  readonly beforeParameter?: (need: number) => string;
  /** Fields and other members. */
  readonly members?: string;
  /** Name of the method that starts a service whose start takes time. */
  readonly start?: string;
  readonly beforeStart?: string;
  /** Name of the method that stops it. */
  readonly stop?: string;
  readonly beforeStop?: string;
}

/** Returns the class of a service. It has started once constructed or, if its start takes time, after `start()`. */
export function serviceClass({ index, needs, startMs }: Service, options: ClassOptions = {}): string {
  const { before = '', beforeParameter = () => '', members = '', start = 'start', stop = 'stop' } = options;
  const { beforeStart = '', beforeStop = '' } = options;
  const parameters = needs.map((need) => `${beforeParameter(need)}readonly service${need}: Service${need}`);
  const needed = list(needs.map((need) => `this.service${need}`));
  const hasStarted = `started(${index}, this, [${needed}]);`;
  return `
${before} export class Service${index} {
  ${members}
  constructor(${list(parameters)}) { ${startMs > 0 ? '' : hasStarted} }
  ${startMs > 0 ? `${beforeStart} async ${start}(): Promise<void> { await delay(${startMs}); ${hasStarted} }` : ''}
  ${beforeStop} ${stop}(): void { stopped(${index}); }
}`;
}

/** Returns `new Service3(service1, service2)`, wrapped in a start if that takes time. */
export function madeService({ index, needs, startMs }: Service): { async: string; value: string } {
  const made = `new Service${index}(${list(names(needs))})`;
  if (startMs === 0) return { async: '', value: made };
  return { async: 'async', value: `await whenStarted(${made})` };
}

/** Returns the variable names of services. */
export function names(indexes: readonly number[]): string[] {
  return indexes.map((index) => `service${index}`);
}

export function list(parts: readonly string[]): string {
  return parts.join(', ');
}

/** Returns a statement or declaration for each service. */
export function each({ services }: Graph, write: (service: Service) => string): string {
  return services.map(write).join('\n');
}

/** The first lines of every generated module. */
export const prelude = `
import { setTimeout as delay } from 'node:timers/promises';
import { started, stopped } from '../../start/ledger.js';

async function whenStarted<T extends { start(): Promise<void> }>(service: T): Promise<T> {
  await service.start();
  return service;
}
`;
