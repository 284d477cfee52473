/**
 * One `@on` handler at work: takes the events of an Observable and handles them one after the other (or a few at a
 * time), each in a child context of its own.
 */
import type { Observable } from 'rxjs';
import { declaredIdentifier, type HandlerDeclaration } from '../component/declarations.ts';
import type { Context } from '../context/context.ts';
import type { Handler } from '../graph/plan.ts';
import { EventQueue } from '../signal/event-queue.ts';
import { trackSubscriptions } from '../signal/signal.ts';

export interface EventHandling {
  /** The name of the contexts of its events. */
  readonly name: string;
  /** How messages call it where they name its component. */
  readonly label: string;
  readonly options: Pick<HandlerDeclaration, 'concurrency' | 'capacity' | 'overflow' | 'onError'>;
  readonly handle: (event: unknown, context: Context) => unknown;
  /** Hears of everything that failed and that the handler's own `onError` does not take. */
  readonly failed: (error: unknown) => void;
}

export class EventHandler {
  readonly #context: Context;
  readonly #handling: EventHandling;
  readonly #waiting: EventQueue<unknown>;
  readonly #running = new Set<Promise<void>>();
  readonly #source: { complete(): void };
  #subscription: { unsubscribe(): void } | undefined;
  /** Whether there were more events than may wait, where that ends the handler. */
  #overflowed = false;

  constructor(context: Context, events: Observable<unknown>, handling: EventHandling) {
    this.#context = context;
    this.#handling = handling;
    this.#waiting = new EventQueue(handling.options, () => `The handler ${handling.name}`);
    this.#source = trackSubscriptions(() => {
      this.#subscription = events.subscribe({
        next: (event) => this.#take(event),
        error: handling.failed,
      });
    });
    // It may have been too much already while it was subscribed to.
    if (this.#overflowed) this.#subscription?.unsubscribe();
  }

  get label(): string {
    return this.#handling.label;
  }

  /** Whether there are events whose handling has not ended. */
  get busy(): boolean {
    return this.#running.size > 0;
  }

  /** Resolves when all events that came until then have been handled. */
  async idle(): Promise<void> {
    while (this.busy) await Promise.all(this.#running);
  }

  /**
   * Takes no more events: the subscriptions to signals complete, so that operators give out what they hold back; what
   * came out until then is handled still.
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
      this.#handling.failed(overflow);
    }
    this.#fill();
  }

  /** Handles as many of the waiting events as may be handled at a time. */
  #fill(): void {
    while (this.#waiting.length > 0 && this.#running.size < this.#handling.options.concurrency) {
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
      await this.#failed(error, event);
    }
  }

  async #failed(error: unknown, event: unknown): Promise<void> {
    const { options, failed } = this.#handling;
    if (!options.onError) return failed(error);
    try {
      await options.onError(error, event as never);
    } catch (failure) {
      failed(failure);
    }
  }
}

/** One for every resource that a declared handler listens to. */
export function listenTo({ declaration, keys }: Handler, context: Context, handling: EventHandling): EventHandler[] {
  const select = declaration.select as (resource: unknown, name: string) => Observable<unknown>;
  // Those that were published without being declared are heard as well.
  const resources = declaration.all
    ? context.getResources(declaredIdentifier(declaration.id))
    : keys.map(({ id, name }) => [name, context.getResourceSync(id, name)] as const);
  return Array.from(resources, ([name, resource]) => new EventHandler(context, select(resource, name), handling));
}
