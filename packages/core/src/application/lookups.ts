/**
 * Holds the dynamic lookups that wait during a start until their key is published. Waiters are stored per key and woken
 * by the publication itself, so that no publication is missed. It must not decide when waiting ends; `Starting` does.
 */
import type { Context } from '../context/context.ts';
import type { Key, ServiceIdentifier } from '../context/key.ts';
import { ResourceTable } from '../context/resource-table.ts';
import type { ComponentNode } from '../graph/component-node.ts';
import { unowned } from '../signal/scope.ts';

interface Waiter {
  readonly node: ComponentNode;
  readonly key: Key;
  readonly wake: () => void;
  readonly fail: (error: unknown) => void;
}

export class ResourceWaiters {
  readonly #context: Context;
  readonly #waiters = new Set<Waiter>();
  readonly #byKey = new ResourceTable<Set<Waiter>>();
  #subscription: { unsubscribe(): void } | undefined;
  #over = false;
  #abandoned: { readonly error: unknown } | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Waits for a key on behalf of a component; returns `undefined` after {@link close}. */
  wait(node: ComponentNode, id: ServiceIdentifier<unknown>, name: string): Promise<void> | undefined {
    if (this.#over) return undefined;
    if (this.#abandoned) return Promise.reject(this.#abandoned.error);
    if (!this.#subscription) unowned(() => this.#subscribe());
    return new Promise((wake, fail) => {
      const waiter: Waiter = { node, key: { id, name }, wake, fail };
      this.#waiters.add(waiter);
      const others = this.#byKey.get(id, name);
      if (others) others.add(waiter);
      else this.#byKey.set(id, name, new Set([waiter]));
    });
  }

  /** Subscribes for all waiters. The subscription must not belong to the component that waits first. */
  #subscribe(): void {
    this.#subscription = this.#context.resourceAdded.subscribe(({ ids, name }) => {
      for (const published of ids) this.#wake(published, name);
    });
  }

  /** Returns the keys that a component waits for. */
  keysOf(node: ComponentNode): Key[] {
    return [...this.#waiters].filter((waiter) => waiter.node === node).map(({ key }) => key);
  }

  get size(): number {
    return this.#waiters.size;
  }

  /** Wakes all waiters. Later lookups do not wait. */
  close(): void {
    this.#over = true;
    this.#end(({ wake }) => wake());
  }

  /** Rejects all waiters with an error, and all later ones until {@link close}. */
  abandon(error: unknown): void {
    this.#abandoned = { error };
    this.#end(({ fail }) => fail(error));
  }

  #end(settle: (waiter: Waiter) => void): void {
    this.#subscription?.unsubscribe();
    for (const waiter of this.#waiters) settle(waiter);
    this.#waiters.clear();
  }

  #wake(id: ServiceIdentifier<unknown>, name: string): void {
    for (const waiter of this.#byKey.get(id, name) ?? []) {
      this.#waiters.delete(waiter);
      waiter.wake();
    }
    this.#byKey.delete(id, name);
  }
}
