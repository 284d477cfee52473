/** The messages between the main thread and the watching thread. */
import type { DelayingComponent, StackFrame } from './delay.ts';
import type { Heartbeat } from './heartbeat.ts';

/** Passed to the watching thread when it starts. */
export interface WatchSettings {
  readonly heartbeat: Heartbeat;
  readonly thresholdMs: number;
  readonly beatMs: number;
  /** The length of a delay at which the watching thread reports it itself. */
  readonly stuckMs: number;
  /** The key, in the global symbol registry, of the global function that returns the component that a value is. */
  readonly ownerSymbol: string;
}

/** Sent by the main thread when it runs again, to request the samples of its delay. */
export interface Recovery {
  readonly id: number;
  readonly from: number;
  readonly to: number;
}

/** The stack of the main thread at one time of a delay. */
export interface Sample {
  /** The time of the sample. */
  readonly at: number;
  /** The calls, innermost first. */
  readonly frames: readonly StackFrame[];
  /** For each call, the component that is its `this`. */
  readonly owners: ReadonlyArray<DelayingComponent | undefined>;
  /** For each call, the place of its function; see `placeKey`. */
  readonly functions: readonly string[];
}

/** Identifies a function by its position in its script. */
export function placeKey({ scriptId, lineNumber, columnNumber = 0 }: FunctionPlace): string {
  return `${scriptId}:${lineNumber}:${columnNumber}`;
}

/** A position as the inspector reports it. */
export interface FunctionPlace {
  readonly scriptId: string;
  readonly lineNumber: number;
  readonly columnNumber?: number | undefined;
}

/** The observations of the watching thread about a delay. */
export interface Sighting {
  readonly id: number;
  readonly samples: readonly Sample[];
  /** The part of the delay in which the watching thread could not run either. */
  readonly suspendedMs: number;
}
