/**
 * A source of events that it keeps until they are handled, such as a queue of a broker. An `@on` handler consumes it. The
 * source acknowledges an event after the handler's context has closed, and decides what happens to a failed one. This file
 * contains the contract only; `application/delivery-handler.ts` is the consumer.
 */
import { DeliveryConsumerError } from './errors.ts';

const brand: unique symbol = Symbol.for('@asphalt/core/deliveries') as never;

/** The handler of a source, as the source sees it. */
export interface Consumer<E> {
  /** The path of the component and the name of the method, for logs and for the names of consumers on a broker. */
  readonly name: string;
  /** Maximum number of unsettled events. Fetch no more than these: an event that waits in memory loses its lease. */
  readonly concurrency: number;
  /**
   * Handles an event in a context of its own. Resolves after the context has closed without an error, so that its
   * transaction is committed: acknowledge the event then.
   *
   * Rejects with the error of the handler or of the context's teardown: retry the event, or call {@link failed}. A
   * `DeliveryReturnedError` (`ERR_DELIVERY_RETURNED`) is not a failure: return the event without counting an attempt.
   */
  handle(event: E): Promise<void>;
  /**
   * Reports the last failure of an event that is not retried: to `onError` of the handler, otherwise to that of the
   * application. The runtime reports no other rejection of {@link handle}.
   */
  failed(error: unknown, event: E): void;
}

/** A consumption that runs until it is stopped. */
export interface Consumption {
  /** Fetches no more events and returns those that were not handled. Resolves when no event is unsettled. */
  stop(): Promise<void>;
}

/**
 * Events that are acknowledged after they were handled. Return one from the `select` function of `@on`.
 *
 * A source extends this class and implements {@link start}. It has no operators: one that drops an event would leave it
 * unsettled.
 */
export abstract class Deliveries<E> {
  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  #current: { readonly consumer: string; isStopping: boolean } | undefined;

  /** Returns whether a value is a source, including those of other installed copies of this package. */
  static is(value: unknown): value is Deliveries<unknown> {
    return typeof value === 'object' && value !== null && brand in value;
  }

  /**
   * Starts to pass events to a consumer. The runtime calls this after the `ready` hook of the handler's component.
   *
   * @throws {@link DeliveryConsumerError} when the source has a consumer whose `stop()` has not finished
   */
  consume(consumer: Consumer<E>): Consumption {
    if (this.#current) throw new DeliveryConsumerError(consumer.name, this.#current);
    const current = (this.#current = { consumer: consumer.name, isStopping: false });
    try {
      const consumption = this.start(consumer);
      return { stop: () => this.#stop(consumption, current) };
    } catch (error) {
      this.#current = undefined;
      throw error;
    }
  }

  async #stop(consumption: Consumption, current: { isStopping: boolean }): Promise<void> {
    current.isStopping = true;
    try {
      await consumption.stop();
    } finally {
      if (this.#current === current) this.#current = undefined;
    }
  }

  /** Starts to pass events to the only consumer, at most `consumer.concurrency` at a time. */
  protected abstract start(consumer: Consumer<E>): Consumption;
}
