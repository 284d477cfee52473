/** The parts of generated programs that are the same for all subjects. */
import type { Graph, Service } from './graph.ts';
import type { Stops } from './ledger.ts';

/** How one subject is written down as the program that its users would write. */
export interface Program {
  /** What the program imports; loaded before it, and timed apart. */
  readonly libraries: readonly string[];
  readonly stops: Stops;
  /**
   * A TypeScript module that exports `build()`, which gives the application with `start()` and `stop()`. Whatever the
   * subject does before anything is started, it does in `build`.
   */
  readonly write: (graph: Graph) => string;
}

/** What a generated module exports. */
export interface Generated {
  readonly build: () => Application | Promise<Application>;
}

export interface Application {
  start(): unknown;
  stop(): unknown;
}

interface ClassOptions {
  readonly before?: string;
  /** What stands before each parameter of the constructor. */
  readonly beforeParameter?: (need: number) => string;
  /** Fields and the like. */
  readonly members?: string;
  /** The method that starts what takes time to start. */
  readonly start?: string;
  readonly beforeStart?: string;
  /** The method that stops it. */
  readonly stop?: string;
  readonly beforeStop?: string;
}

/**
 * The class of a service. It has started once it is made, or where that takes time, once `start()` has ended.
 */
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

/** `new Service3(service1, service2)`, started where that takes time. */
export function madeService({ index, needs, startMs }: Service): { async: string; value: string } {
  const made = `new Service${index}(${list(names(needs))})`;
  if (startMs === 0) return { async: '', value: made };
  return { async: 'async', value: `await begun(${made})` };
}

/** The names of services as variables. */
export function names(indexes: readonly number[]): string[] {
  return indexes.map((index) => `service${index}`);
}

export function list(parts: readonly string[]): string {
  return parts.join(', ');
}

/** A statement or declaration for each service, one after the other. */
export function each({ services }: Graph, write: (service: Service) => string): string {
  return services.map(write).join('\n');
}

/** What every generated module begins with. */
export const prelude = `
import { setTimeout as delay } from 'node:timers/promises';
import { started, stopped } from '../../start/ledger.js';

async function begun<T extends { start(): Promise<void> }>(service: T): Promise<T> {
  await service.start();
  return service;
}
`;
