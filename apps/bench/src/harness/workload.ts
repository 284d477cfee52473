/** What is measured: a workload, the subjects that take part in it, and what one sample of it tells. */

/** `full` is what is reported; `smoke` does the same with as little as still can be verified. */
export type Effort = 'full' | 'smoke';

export type Unit = 'ns' | 'µs' | 'ms' | 'bytes';

export interface Sample {
  /** In the workload's unit; less is better. */
  readonly value: number;
  /** What is told beside the value, by what it is with its unit, such as `import, ms`. */
  readonly beside?: Readonly<Record<string, number>>;
}

export interface Subject {
  /** As tables call it: the name of its package, unless people know it by another. */
  readonly name: string;
  /** Where the name is another, the package whose version is told. */
  readonly package?: string;
  /** What a reader must know to compare its numbers with those of the others. */
  readonly note?: string;
}

export interface Workload {
  readonly name: string;
  /** What is done and timed. */
  readonly measures: string;
  readonly unit: Unit;
  /** The subject that the others are divided by, such as hand-written code. */
  readonly yardstick?: string;
  /** What Asphalt is to reach. */
  readonly target: string;
  readonly subjects: readonly Subject[];
  /** Options of Node for the processes that take samples. */
  readonly nodeOptions?: readonly string[];
  /** Makes what samples of a subject need; runs once, in the process of the command. */
  readonly prepare?: (subject: string, effort: Effort) => Promise<void>;
  /**
   * Takes one sample, in a process of its own.
   *
   * @throws when the subject did not do what it was to do: a wrong result has no time
   */
  readonly sample: (subject: string, effort: Effort) => Promise<Sample>;
}

/** What a subject's module does its part of a workload with, loaded only where it is measured. */
export type Loaders<M> = Readonly<Record<string, () => Promise<M>>>;

export async function load<M>(loaders: Loaders<M>, subject: string): Promise<M> {
  const loader = loaders[subject];
  if (!loader) throw new Error(`There is no subject "${subject}" here`);
  return loader();
}
