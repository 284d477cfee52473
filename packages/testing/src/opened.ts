/**
 * Records what a function opens: contexts, handles that keep the process alive, and listeners of `process`, each with the
 * stack of the code that opened it. Code that the function does not cause, such as a concurrent test, is ignored.
 */
import { AsyncLocalStorage, createHook, type AsyncHook } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Context } from '@asphalt/core';
import { describeHandle, isHandle, type Handle } from './handles.ts';
import { captureStack, placeIn, type Stack } from './stack.ts';

/** Something that a function opened and did not close. */
export interface Leak {
  readonly kind: 'context' | 'handle' | 'listener';
  /** What is open, such as `server on 127.0.0.1:8000`. */
  readonly description: string;
  /** The code that opened it, such as `Poller.start (src/poller.ts:12)`. */
  readonly place: string | undefined;
}

interface Resource {
  readonly type: string;
  /** Undefined if the resource does not keep the process alive. */
  readonly handle: Handle | undefined;
  readonly stack: Stack;
  /** The stack of the code that caused it: `listen()` opens the server in a callback, after it resolved the host name. */
  readonly cause: Stack | undefined;
}

interface Listener {
  readonly event: string | symbol;
  readonly listener: (...args: unknown[]) => void;
  /** How often it was registered before. */
  readonly before: number;
}

export class Opened {
  readonly #inside = new AsyncLocalStorage<true>();
  readonly #contexts = new Map<Context, Stack>();
  /** By the ids of `async_hooks`. */
  readonly #resources = new Map<number, Resource>();
  readonly #listeners = new Map<Listener, Stack>();
  readonly #hook: AsyncHook;

  constructor() {
    this.#hook = createHook({
      init: (id, type, trigger, resource) => {
        const cause = this.#resources.get(trigger);
        // A connection that a server accepts has no async context.
        if (type === 'PROMISE' || !(this.#inside.getStore() || cause)) return;
        const handle = isHandle(resource) ? resource : undefined;
        this.#resources.set(id, { type, handle, stack: captureStack(), cause: cause?.stack });
      },
      destroy: (id) => void this.#resources.delete(id),
    });
  }

  /** Calls a function and records what it opens until {@link end}. */
  run<R>(body: () => R): R {
    this.#hook.enable();
    subscribe('asphalt:context', this.#contextOpened);
    process.on('newListener', this.#listenerAdded);
    return this.#inside.run(true, body);
  }

  end(): void {
    this.#hook.disable();
    this.#inside.disable();
    unsubscribe('asphalt:context', this.#contextOpened);
    process.off('newListener', this.#listenerAdded);
  }

  readonly #contextOpened = (context: unknown): void => {
    if (this.#inside.getStore()) this.#contexts.set(context as Context, captureStack());
  };

  readonly #listenerAdded = (event: string | symbol, listener: Listener['listener']): void => {
    if (!this.#inside.getStore()) return;
    this.#listeners.set({ event, listener, before: timesAdded(event, listener) }, captureStack());
  };

  /** Returns what is still open. A context inside of an open one is part of it. */
  leaks(): Leak[] {
    const leaks: Leak[] = [];
    for (const [context, stack] of this.#contexts) {
      const { state, parent } = context;
      if (state === 'closed' || (parent && this.#contexts.has(parent) && parent.state !== 'closed')) continue;
      const description = `context "${context.name}"${parent ? ` of "${parent.name}"` : ''}`;
      leaks.push({ kind: 'context', description, place: placeIn(stack) });
    }
    for (const { type, handle, stack, cause } of this.#resources.values()) {
      if (!handle?.hasRef()) continue;
      const place = placeIn(stack) ?? (cause && placeIn(cause));
      leaks.push({ kind: 'handle', description: describeHandle(type, handle), place });
    }
    for (const [{ event, listener, before }, stack] of this.#listeners) {
      if (timesAdded(event, listener) <= before) continue;
      const description = `listener of process for ${String(event)}`;
      leaks.push({ kind: 'listener', description, place: placeIn(stack) });
    }
    return leaks;
  }
}

function timesAdded(event: string | symbol, listener: Listener['listener']): number {
  return process.listeners(event as 'exit').filter((each: unknown) => each === listener).length;
}
