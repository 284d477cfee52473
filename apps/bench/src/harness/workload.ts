/** The types of a measurement: a workload, its subjects, and the result of one sample. */

/** `full` is reported; `smoke` does the same at the smallest verifiable size. */
export type Effort = 'full' | 'smoke';

export type Unit = 'ns' | 'µs' | 'ms' | 'bytes';

export interface Sample {
  /** In the workload's unit; less is better. */
  readonly value: number;
  /** Additional columns by their title with the unit, such as `import, ms`. */
  readonly beside?: Readonly<Record<string, number>>;
}

export interface Subject {
  /** The name in tables: that of the package, unless another name is more common. */
  readonly name: string;
  /** The package whose version is reported. */
  readonly package?: string;
  /** A fact that a reader needs to compare its numbers with others. */
  readonly note?: string;
}

/** A limit for a subject, compared with the yardstick. A measurement above it ends the command with exit code 1. */
export interface Limit {
  readonly subject: string;
  /** The largest median of the ratios. */
  readonly ratio?: number;
  /** The largest difference of the medians, in the workload's unit. */
  readonly difference?: number;
}

export interface Workload {
  readonly name: string;
  /** Describes the timed operation. */
  readonly measures: string;
  readonly unit: Unit;
  /** The subject that the others are divided by, such as hand-written code. */
  readonly yardstick?: string;
  /** The target for Asphalt. */
  readonly target: string;
  /** The part of the target that the command checks. */
  readonly limits?: readonly Limit[];
  readonly subjects: readonly Subject[];
  /** The program of Node for the processes that take samples; by default that of the command. */
  readonly node?: string;
  /** Options of Node for the processes that take samples. */
  readonly nodeOptions?: readonly string[];
  /** Prepares the samples of a subject; runs once, in the process of the command. */
  readonly prepare?: (subject: string, effort: Effort) => Promise<void>;
  /**
   * Takes one sample, in a process of its own.
   *
   * @throws when the result of the subject is wrong; a wrong result has no time
   */
  readonly sample: (subject: string, effort: Effort) => Promise<Sample>;
}

/**
 * What each subject does. An implementation imports its libraries itself, so a process loads only those of the subject
 * that it measures.
 */
export type Implementations<T> = Readonly<Record<string, T>>;

export function implementationOf<T>(implementations: Implementations<T>, subject: string): T {
  const implementation = implementations[subject];
  if (implementation === undefined) throw new Error(`Unknown subject "${subject}"`);
  return implementation;
}
