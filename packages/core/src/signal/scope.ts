/**
 * The code that runs synchronously now, and the component that it belongs to. The constructor of `Component` reads its
 * setup here, and `subscribe` the owner of the new subscription. This covers the code of a component up to its first
 * `await`; the runtime cannot identify the code that runs after it.
 *
 * `scope` is mutable module state, because neither a constructor without arguments nor `subscribe` can receive it in
 * another way (decision 0064). Only this file changes it, and every change ends when the call returns.
 */
import type { Subscription } from 'rxjs';

/** A subscription that can be completed as if its source had completed. */
export interface Ending extends Pick<Subscription, 'closed' | 'add'> {
  complete(): void;
}

/** A component whose code is running. */
export interface CallingComponent {
  /** The aliases from the root to the component, joined by dots. */
  readonly path: string;
  /** Its position in the order of declaration. */
  readonly index: number;
}

/** Receives the subscriptions that its code creates. */
export interface SubscriptionOwner {
  readonly node?: CallingComponent | undefined;
  own(subscription: Ending): void;
}

interface Scope {
  /** The owner of new subscriptions; set only while code runs on its behalf. */
  owner: SubscriptionOwner | undefined;
  /** The component under construction, until its constructor takes the setup. */
  construction: { readonly type: object; readonly setup: object } | undefined;
  /** Collects a completion function per subscription to a signal; set only in {@link trackSubscriptions}. */
  completions: Array<() => void> | undefined;
}

const scope: Scope = { owner: undefined, construction: undefined, completions: undefined };

/**
 * Calls a function on behalf of an owner, which receives the subscriptions that the call creates before its first
 * `await`; without an owner, no component receives them.
 */
export function callAs<A, R>(owner: SubscriptionOwner | undefined, call: (argument: A) => R, argument: A): R {
  const former = scope.owner;
  scope.owner = owner;
  try {
    return call(argument);
  } finally {
    scope.owner = former;
  }
}

/** Calls a function without an owner. */
export function unowned(call: () => void): void {
  callAs(undefined, call, undefined);
}

/** Returns a function that runs later with the current owner, up to its first `await`. */
export function inPresentName<A, R>(call: (argument: A) => R): (argument: A) => R {
  const { owner } = scope;
  return owner === undefined ? call : (argument) => callAs(owner, call, argument);
}

/**
 * Returns the component whose constructor, hook, provider or factory is running.
 *
 * Resources use it to order components deterministically, although these start concurrently.
 *
 * @returns undefined after the first `await` of that code, and outside of components
 */
export function callingComponent(): CallingComponent | undefined {
  return scope.owner?.node;
}

/** Returns the owner on whose behalf code runs now. */
export function callingOwner(): SubscriptionOwner | undefined {
  return scope.owner;
}

/** Returns whether new subscriptions have an owner. */
export function isOwned(): boolean {
  return scope.owner !== undefined;
}

/** Passes a new subscription to the current owner. */
export function owned<S extends Ending>(subscription: S): S {
  if (!subscription.closed) scope.owner?.own(subscription);
  return subscription;
}

/** Calls a function that constructs a component, whose constructor takes the setup with {@link takeSetup}. */
export function withSetup<R>(type: object, setup: object, construct: () => R): R {
  const former = scope.construction;
  scope.construction = { type, setup };
  try {
    return construct();
  } finally {
    scope.construction = former;
  }
}

/** Returns the setup of a class under construction, once. Returns undefined to the constructor of any other class. */
export function takeSetup(type: object): object | undefined {
  const { construction } = scope;
  if (construction?.type !== type) return undefined;
  scope.construction = undefined;
  return construction.setup;
}

/**
 * Runs `subscribe` and collects the subscriptions to signals that it creates, so that they can be completed without
 * completing the signals. Operators then flush buffered events. @internal
 */
export function trackSubscriptions(subscribe: () => void): { complete(): void } {
  const former = scope.completions;
  const completions: Array<() => void> = [];
  scope.completions = completions;
  try {
    subscribe();
  } finally {
    scope.completions = former;
  }
  return { complete: () => completions.forEach((complete) => complete()) };
}

/** Returns the list that collects the completions of new subscriptions now; undefined if none does. */
export function collectedCompletions(): Array<() => void> | undefined {
  return scope.completions;
}
