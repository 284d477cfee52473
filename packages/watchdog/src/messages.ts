/** What the main thread and the watching thread say to each other. */
import type { DelayingComponent, StackFrame } from './delay.ts';
import type { Heartbeat } from './heartbeat.ts';

/** Given to the watching thread when it starts. */
export interface WatchSettings {
  readonly heartbeat: Heartbeat;
  readonly thresholdMs: number;
  readonly beatMs: number;
  /** How long a delay goes on until the watching thread tells of it by itself. */
  readonly stuckMs: number;
  /** The name, in the registry of symbols, of the global function that tells whose object a value is. */
  readonly ownerSymbol: string;
}

/** The main thread runs again; asks what was seen meanwhile. */
export interface Recovery {
  readonly id: number;
  readonly from: number;
  readonly to: number;
}

/** The stack of the main thread at one moment of a delay. */
export interface Sample {
  /** When it was seen. */
  readonly at: number;
  /** Innermost first. */
  readonly frames: readonly StackFrame[];
  readonly component: DelayingComponent | undefined;
}

/** What was seen of a delay. */
export interface Sighting {
  readonly id: number;
  readonly samples: readonly Sample[];
  /** For how much of the delay the watching thread could not run either. */
  readonly suspendedMs: number;
}
