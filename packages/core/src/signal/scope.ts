/**
 * Tracks the owner of new subscriptions. The runtime sets the owner while it calls the code of a component. This covers
 * the code up to its first `await`; the runtime cannot identify the code that runs after it.
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

/** The owner of new subscriptions; set only while code runs on its behalf. */
let owner: SubscriptionOwner | undefined;

/**
 * Sets the owner of new subscriptions. The caller must restore the previous owner before it returns or awaits.
 *
 * @returns the previous owner
 * @internal
 */
export function changeOwner(to: SubscriptionOwner | undefined): SubscriptionOwner | undefined {
  const former = owner;
  owner = to;
  return former;
}

/**
 * Returns the component whose constructor, hook, provider or factory is running.
 *
 * Resources use it to order components deterministically, although these start concurrently.
 *
 * @returns undefined after the first `await` of that code, and outside of components
 */
export function callingComponent(): CallingComponent | undefined {
  return owner?.node;
}

/** Returns whether new subscriptions have an owner. */
export function isOwned(): boolean {
  return owner !== undefined;
}

/** Calls a function without an owner. */
export function unowned(call: () => void): void {
  const former = changeOwner(undefined);
  try {
    call();
  } finally {
    changeOwner(former);
  }
}

/** Returns a function that runs later with the current owner, up to its first `await`. */
export function inPresentName<A, R>(call: (argument: A) => R): (argument: A) => R {
  if (owner === undefined) return call;
  const present = owner;
  return (argument) => {
    const former = changeOwner(present);
    try {
      return call(argument);
    } finally {
      changeOwner(former);
    }
  };
}

/** Passes a new subscription to the current owner. */
export function owned<S extends Ending>(subscription: S): S {
  if (!subscription.closed) owner?.own(subscription);
  return subscription;
}
