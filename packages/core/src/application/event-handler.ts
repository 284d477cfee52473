/**
 * Runs one `@on` handler. It queues the events of an Observable and handles them one at a time, or up to `concurrency`
 * at a time, each in its own child context. It must not decide when it ends; `Stopping` does.
 */
import type { Observable } from 'rxjs';
import { EventQueue } from '../signal/event-queue.ts';
import { trackSubscriptions } from '../signal/scope.ts';
import type { HandlerMethod } from './handler-method.ts';

export class EventHandler {
  readonly #method: HandlerMethod;
  readonly #waiting: EventQueue<unknown>;
  readonly #running = new Set<Promise<void>>();
  readonly #source: { complete(): void };
  #subscription: { unsubscribe(): void } | undefined;
  /** Whether the queue overflowed and thereby ended the handler. */
  #overflowed = false;

  constructor(events: Observable<unknown>, method: HandlerMethod) {
    const { capacity, overflow = capacity === undefined ? 'unbounded' : 'drop-newest' } = method.declaration;
    this.#method = method;
    this.#waiting = new EventQueue({ capacity, overflow }, () => `The handler ${method.name}`);
    this.#source = trackSubscriptions(() => {
      this.#subscription = events.subscribe({
        next: (event) => this.#take(event),
        error: (error) => method.report(error),
      });
    });
    // The queue may have overflowed inside `subscribe()`, before there was a subscription to end.
    if (this.#overflowed) this.#subscription?.unsubscribe();
  }

  get label(): `${string}()` {
    return this.#method.label;
  }

  /** Whether events are being handled, or their errors reported. */
  get busy(): boolean {
    return this.#running.size + this.#method.reports.size > 0;
  }

  /** Resolves when all received events have been handled, and their errors reported. */
  async idle(): Promise<void> {
    while (this.busy) await Promise.all([...this.#running, ...this.#method.reports]);
  }

  /**
   * Stops receiving events. The subscriptions to signals complete, so that operators emit their buffered events. All
   * events received until then are still handled.
   */
  complete(): void {
    this.#source.complete();
    this.#subscription?.unsubscribe();
  }

  #take(event: unknown): void {
    if (this.#overflowed) return;
    const overflow = this.#waiting.push(event);
    if (overflow) {
      this.#overflowed = true;
      this.#subscription?.unsubscribe();
      this.#method.report(overflow);
    }
    this.#fill();
  }

  /** Handles queued events up to the concurrency limit. */
  #fill(): void {
    while (this.#waiting.length > 0 && this.#running.size < this.#method.declaration.concurrency) {
      const handled = this.#handle(this.#waiting.shift());
      this.#running.add(handled);
      void handled.then(() => {
        this.#running.delete(handled);
        this.#fill();
      });
    }
  }

  async #handle(event: unknown): Promise<void> {
    try {
      await this.#method.handle(event);
    } catch (error) {
      await this.#method.failed(error, event);
    }
  }
}
