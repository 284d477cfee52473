/**
 * Trace points: calls that instrumentation observes through the tracing channels of `node:diagnostics_channel`, without
 * patching. Without a subscriber, a point only reads whether it has one. It depends on no component.
 */
import { tracingChannel, type TracingChannel } from 'node:diagnostics_channel';
import type { Context } from './context.ts';
import { isThenable } from './teardown.ts';

/** What a trace point publishes about one call. All of its channels receive the same object. */
export interface TraceMessage {
  /** The context that the call belongs to, if it is known. */
  readonly context?: Context | undefined;
  /** What the call threw; set before the channel `error` receives the message. */
  error?: unknown;
}

/** `asphalt.event` and `asphalt.delivery`: one event in an `@on` handler, until its context has closed. */
export interface EventTrace extends TraceMessage {
  readonly context: Context;
  /** The path of the component; empty for the root. */
  readonly component: string;
  readonly member: string;
  /** The event or the delivery. */
  readonly event: unknown;
}

/** `asphalt.call`: a call of an integration to something outside of the event loop, such as a statement of a database. */
export interface CallTrace extends TraceMessage {
  /** The technology, such as `sql`. */
  readonly kind: string;
  /** The called object, such as the path of the component that provides the database. */
  readonly target: string;
  /** The operation, such as `select`; never contains parameters. */
  readonly operation: string;
}

/** A kind of call that instrumentation can observe. */
export class TracePoint<M extends TraceMessage> {
  readonly #channels: TracingChannel<M>;

  /** @internal */
  constructor(name: string) {
    this.#channels = tracingChannel<M>(name);
  }

  /** Whether a channel has a subscriber. Check it first, so that an unobserved call creates neither message nor function. */
  get observed(): boolean {
    return this.#channels.hasSubscribers;
  }

  /**
   * Calls a function and publishes the message: on `start` before it, on `end` after it has returned, and on `error` after a
   * failure. If it returns a promise, `asyncStart` and `asyncEnd` follow when that has settled.
   */
  run<R>(message: M, call: () => R): R {
    const { start, end, error } = this.#channels;
    return start.runStores(message, () => {
      try {
        const result = call();
        // A promise of the same value replaces the promise.
        return isThenable(result) ? (this.#follow(message, result) as R) : result;
      } catch (thrown) {
        message.error = thrown;
        error.publish(message);
        throw thrown;
      } finally {
        end.publish(message);
      }
    });
  }

  async #follow(message: M, running: PromiseLike<unknown>): Promise<unknown> {
    const { asyncStart, asyncEnd, error } = this.#channels;
    try {
      return await running;
    } catch (thrown) {
      message.error = thrown;
      error.publish(message);
      throw thrown;
    } finally {
      asyncStart.publish(message);
      asyncEnd.publish(message);
    }
  }
}

/**
 * Returns the trace point with a name. Points of one name share their channels, `tracing:<name>:start` and so on.
 *
 * @typeParam M - the message, an object that the caller creates for each call
 */
export function tracePoint<M extends TraceMessage>(name: string): TracePoint<M> {
  return new TracePoint(name);
}
