/**
 * Runs one `@on` handler whose events are deliveries. It is the consumer of the source, and settles each event after its
 * context has closed. It must not acknowledge or retry events; the source does.
 */
import { TeardownError } from '../context/errors.ts';
import type { Consumption, Deliveries } from '../signal/deliveries.ts';
import { DeliveryOptionsError, DeliveryReturnedError } from './errors.ts';
import type { HandlerMethod } from './handler-method.ts';

/** Time for the source to return abandoned events, in milliseconds. */
const returnMs = 1000;

export class DeliveryHandler {
  readonly #source: Deliveries<unknown>;
  readonly #method: HandlerMethod;
  /** The events that are being handled, each with a function that abandons it. */
  readonly #running = new Map<Promise<void>, (error: unknown) => void>();
  #consumption: Consumption | undefined;
  /** Resolves with the result of the consumption's stop when all events are settled. */
  #draining: Promise<PromiseSettledResult<void>> | undefined;
  /** Whether the handler refuses further events, because the runtime no longer waits for it. */
  #isOver = false;

  constructor(source: Deliveries<unknown>, method: HandlerMethod) {
    const { capacity, overflow } = method.declaration;
    if (capacity !== undefined || overflow !== undefined) throw new DeliveryOptionsError(method.declaration);
    this.#source = source;
    this.#method = method;
  }

  get label(): `${string}()` {
    return this.#method.label;
  }

  /** Whether a consumption is stopping. */
  get busy(): boolean {
    return this.#draining !== undefined;
  }

  /** Starts to receive events. */
  consume(): void {
    const { name, declaration } = this.#method;
    this.#consumption = this.#source.consume({
      name,
      concurrency: declaration.concurrency,
      handle: (event) => this.#handle(event),
      failed: (error, event) => this.#method.reportLater(error, event),
    });
  }

  /** Stops the consumption; {@link idle} waits for it. */
  complete(): void {
    const consumption = this.#consumption;
    this.#consumption = undefined;
    if (consumption) this.#draining = this.#drain(consumption);
  }

  /** Resolves when all events are settled. Rejects if the source failed to stop. */
  async idle(): Promise<void> {
    const draining = this.#draining;
    const stopped = await draining;
    if (this.#draining === draining) this.#draining = undefined;
    if (stopped?.status === 'rejected') throw stopped.reason;
  }

  /**
   * Returns the events whose handling exceeded the time limit to the source: their contexts close with an error. Waits a
   * short time for the contexts and the source.
   */
  async abandon(): Promise<void> {
    const draining = this.#draining;
    this.#draining = undefined;
    this.#isOver = true;
    for (const abandon of this.#running.values()) abandon(this.#returned('its stop exceeded the time limit'));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, returnMs);
    });
    await Promise.race([draining, late]);
    clearTimeout(timer);
  }

  async #drain(consumption: Consumption): Promise<PromiseSettledResult<void>> {
    const [stopped] = await Promise.allSettled([(async () => consumption.stop())()]);
    const { reports } = this.#method;
    while (this.#running.size + reports.size > 0) await Promise.allSettled([...this.#running.keys(), ...reports]);
    this.#isOver = true;
    return stopped;
  }

  #handle(event: unknown): Promise<void> {
    const { concurrency } = this.#method.declaration;
    if (this.#isOver) return Promise.reject(this.#returned('it has stopped'));
    if (this.#running.size >= concurrency) {
      return Promise.reject(this.#returned(`its source exceeded the concurrency of ${concurrency}`));
    }
    let abandon!: (error: unknown) => void;
    const abandoned = new Promise<never>((_, reject) => {
      abandon = reject;
    });
    // No code awaits it if the method throws before it returns a promise.
    abandoned.catch(() => undefined);
    const handled = this.#settle(event, abandoned).finally(() => this.#running.delete(handled));
    this.#running.set(handled, abandon);
    return handled;
  }

  async #settle(event: unknown, abandoned: Promise<never>): Promise<void> {
    try {
      await this.#method.handle(event, abandoned);
    } catch (error) {
      if (!(error instanceof TeardownError && error.endedBy instanceof DeliveryReturnedError)) throw error;
      // The source has to return the event. It would count this error as a failed attempt.
      this.#method.report(error);
      throw error.endedBy;
    }
  }

  #returned(reason: string): DeliveryReturnedError {
    return new DeliveryReturnedError(this.#method.node, this.#method.declaration.member, reason);
  }
}
