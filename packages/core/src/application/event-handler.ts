/**
 * Runs one `@on` handler. It queues the events of an Observable and handles them one at a time, or up to `concurrency`
 * at a time, each in its own child context. It must not depend on the component that declares the handler.
 */
import type { Observable } from 'rxjs';
import { declaredIdentifier } from '../component/declarations.ts';
import type { HandlerDeclaration } from '../component/declaration-types.ts';
import type { Context } from '../context/context.ts';
import type { Handler } from '../graph/plan.ts';
import { EventQueue } from '../signal/event-queue.ts';
import { trackSubscriptions } from '../signal/scope.ts';

export interface EventHandling {
  /** Name of the context of each event. */
  readonly name: string;
  /** Name of the handler in messages that also name its component. */
  readonly label: string;
  readonly options: Pick<HandlerDeclaration, 'concurrency' | 'capacity' | 'overflow' | 'onError'>;
  readonly handle: (event: unknown, context: Context) => unknown;
  /** Called with every error that the handler's own `onError` does not handle. */
  readonly failed: (error: unknown) => void;
}

export class EventHandler {
  readonly #context: Context;
  readonly #handling: EventHandling;
  readonly #waiting: EventQueue<unknown>;
  readonly #running = new Set<Promise<void>>();
  readonly #source: { complete(): void };
  #subscription: { unsubscribe(): void } | undefined;
  /** Whether the queue overflowed and thereby ended the handler. */
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
    // The queue may have overflowed inside `subscribe()`, before there was a subscription to end.
    if (this.#overflowed) this.#subscription?.unsubscribe();
  }

  get label(): string {
    return this.#handling.label;
  }

  /** Whether events are being handled. */
  get busy(): boolean {
    return this.#running.size > 0;
  }

  /** Resolves when all received events have been handled. */
  async idle(): Promise<void> {
    while (this.busy) await Promise.all(this.#running);
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
      this.#handling.failed(overflow);
    }
    this.#fill();
  }

  /** Handles queued events up to the concurrency limit. */
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

/** Creates one `EventHandler` for each resource that a declared handler subscribes to. */
export function listenTo({ declaration, keys }: Handler, context: Context, handling: EventHandling): EventHandler[] {
  const select = declaration.select as (resource: unknown, name: string) => Observable<unknown>;
  // This includes resources that were published without a declaration.
  const resources = declaration.all
    ? context.getResources(declaredIdentifier(declaration.id))
    : keys.map(({ id, name }) => [name, context.getResourceSync(id, name)] as const);
  return Array.from(resources, ([name, resource]) => new EventHandler(context, select(resource, name), handling));
}
