/**
 * Runs one `@on` handler. It queues the events of an Observable and handles them one at a time, or up to `concurrency`
 * at a time, each in its own child context. It must not decide when it ends; `Stopping` does.
 */
import type { Observable } from 'rxjs';
import type { HandlerDeclaration } from '../component/declaration-types.ts';
import { declaredIdentifier } from '../component/declarations.ts';
import type { Handler } from '../graph/plan.ts';
import { EventQueue } from '../signal/event-queue.ts';
import { trackSubscriptions } from '../signal/scope.ts';
import { componentName } from '../graph/component-node.ts';
import type { ComponentCalls } from './component-calls.ts';
import { HandlerError } from './errors.ts';
import { areRelated } from './failure-reports.ts';
import type { Runtime } from './runtime.ts';

export class EventHandler {
  readonly #declaration: HandlerDeclaration;
  readonly #calls: ComponentCalls;
  readonly #runtime: Runtime;
  readonly #waiting: EventQueue<unknown>;
  readonly #running = new Set<Promise<void>>();
  readonly #source: { complete(): void };
  #subscription: { unsubscribe(): void } | undefined;
  /** Whether the queue overflowed and thereby ended the handler. */
  #overflowed = false;

  constructor(events: Observable<unknown>, declaration: HandlerDeclaration, calls: ComponentCalls, runtime: Runtime) {
    this.#declaration = declaration;
    this.#calls = calls;
    this.#runtime = runtime;
    this.#waiting = new EventQueue(declaration, () => `The handler ${this.#name}`);
    this.#source = trackSubscriptions(() => {
      this.#subscription = events.subscribe({
        next: (event) => this.#take(event),
        error: (error) => this.#report(error),
      });
    });
    // The queue may have overflowed inside `subscribe()`, before there was a subscription to end.
    if (this.#overflowed) this.#subscription?.unsubscribe();
  }

  /** The name of the context of each event. */
  get #name(): string {
    return `${componentName(this.#calls.node)}.${String(this.#declaration.member)}`;
  }

  /** The name of the handler in messages that also name its component. */
  get label(): string {
    return `${String(this.#declaration.member)}()`;
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
      this.#report(overflow);
    }
    this.#fill();
  }

  /** Handles queued events up to the concurrency limit. */
  #fill(): void {
    while (this.#waiting.length > 0 && this.#running.size < this.#declaration.concurrency) {
      const handled = this.#handle(this.#waiting.shift());
      this.#running.add(handled);
      void handled.then(() => {
        this.#running.delete(handled);
        this.#fill();
      });
    }
  }

  async #handle(event: unknown): Promise<void> {
    const { member } = this.#declaration;
    try {
      await this.#runtime.context.run((context) => this.#calls.callIn(context, member, event), this.#name);
    } catch (error) {
      await this.#failed(error, event);
    }
  }

  async #failed(error: unknown, event: unknown): Promise<void> {
    const { onError } = this.#declaration;
    if (!onError) return this.#report(error);
    try {
      await onError(error, event as never);
    } catch (failure) {
      if (!areRelated(failure, error)) this.#report(error);
      this.#report(failure);
    }
  }

  /** Reports an error that the handler's own `onError` does not handle. */
  #report(error: unknown): void {
    this.#runtime.report(new HandlerError(this.#calls.node, this.#declaration.member, error));
  }
}

/** Creates one `EventHandler` for each resource that a declared handler subscribes to. */
export function listenTo({ declaration, keys }: Handler, calls: ComponentCalls, runtime: Runtime): EventHandler[] {
  const { context } = runtime;
  const select = declaration.select as (resource: unknown, name: string) => Observable<unknown>;
  // This includes resources that were published without a declaration.
  const resources = declaration.all
    ? context.getResources(declaredIdentifier(declaration.id))
    : keys.map(({ id, name }) => [name, context.getResourceSync(id, name)] as const);
  return Array.from(
    resources,
    ([name, resource]) => new EventHandler(select(resource, name), declaration, calls, runtime),
  );
}
