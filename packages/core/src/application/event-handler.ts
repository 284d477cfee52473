/**
 * One `@on` handler at work: takes the events of an Observable and handles them one after the other (or a few at a
 * time), each in a child context of its own.
 */
import type { Observable } from 'rxjs';
import type { Context } from '../context/context.ts';
import { trackSubscriptions } from '../signal/signal.ts';

export interface EventHandling {
  readonly name: string;
  readonly concurrency: number;
  readonly handle: (event: unknown, context: Context) => unknown;
  /** Hears of events whose handling failed and of the Observable's own error. */
  readonly failed: (error: unknown) => void;
}

export class EventHandler {
  readonly #context: Context;
  readonly #handling: EventHandling;
  readonly #waiting: unknown[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #source: { complete(): void };
  #subscription: { unsubscribe(): void } | undefined;

  constructor(context: Context, events: Observable<unknown>, handling: EventHandling) {
    this.#context = context;
    this.#handling = handling;
    this.#source = trackSubscriptions(() => {
      this.#subscription = events.subscribe({
        next: (event) => {
          this.#waiting.push(event);
          this.#fill();
        },
        error: handling.failed,
      });
    });
  }

  /**
   * Ends the handling: the subscriptions to signals complete, so that operators give out what they hold back; what
   * came out until then is handled, and no more.
   */
  async drain(): Promise<void> {
    this.#source.complete();
    this.#subscription?.unsubscribe();
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Handles as many of the waiting events as may be handled at a time. */
  #fill(): void {
    while (this.#waiting.length > 0 && this.#running.size < this.#handling.concurrency) {
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
      await this.#context.run((context) => this.#handling.handle(event, context), this.#handling.name);
    } catch (error) {
      this.#handling.failed(error);
    }
  }
}
