/** What all parts of a running application share, so that each part receives one object. */
import type { Logger } from '../component/logger.ts';
import type { Context } from '../context/context.ts';
import type { ComponentNode } from '../graph/component-node.ts';
import type { Plan } from '../graph/plan.ts';
import type { SignalOwner } from '../signal/subscriber-failure.ts';
import { SubscriberError } from './errors.ts';
import type { LifecycleEvents } from './lifecycle.ts';
import type { Lookups } from './lookups.ts';

export interface ApplicationOptions {
  /** Limit in milliseconds for starting the application or a part of it; 0 means no limit. @default 20000 */
  readonly startTimeout?: number | undefined;
  /** Limit in milliseconds for stopping the application or a part of it; 0 means no limit. @default 10000 */
  readonly stopTimeout?: number | undefined;
  readonly logger?: Logger | undefined;
  /**
   * Called with errors that do not end the application and that no caller receives, such as those of handlers and
   * subscribers. If it throws, that error ends the application.
   *
   * @default writes to the `logger`; without one, emits a process warning, and `stop` rejects
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Limits in milliseconds for the application or a part of it; 0 means no limit. */
export interface TimeLimits {
  readonly startTimeout: number;
  readonly stopTimeout: number;
}

/** Returns the limits of an application, including the defaults. */
export function limitsOf({ startTimeout = 20_000, stopTimeout = 10_000 }: ApplicationOptions): TimeLimits {
  return { startTimeout, stopTimeout };
}

/** Created once by `Application`. */
export interface Runtime {
  readonly plan: Plan;
  /** The application's context. */
  readonly context: Context;
  readonly logger: Logger;
  readonly limits: TimeLimits;
  readonly events: LifecycleEvents;
  readonly lookups: Lookups;
  /** Whether `onError` or a logger receives reports. Otherwise they are warnings, and the stop rejects. */
  readonly canReport: boolean;
  /** Reports an error that does not end the application and that no caller receives. */
  report(error: unknown): void;
  /** Ends the application with an error, unless the component is already stopping. */
  crashed(error: unknown, component?: ComponentNode): void;
  /** Ends the application with a tool's result, unless the tool was aborted. */
  completed(result: unknown, wasAborted: boolean): void;
}

/** Returns an owner of signals that reports the errors of their subscribers. */
export function signalOwner(name: string, runtime: Pick<Runtime, 'report'>): SignalOwner {
  return { name, onError: (failure) => runtime.report(new SubscriberError(failure)) };
}
