/**
 * Who owns a subscription that is being made. The runtime knows while it calls the code of a component, which is
 * until that code first waits; there is no telling what runs after an `await`.
 */
import type { Subscription } from 'rxjs';

/** A subscription that can end as if its source had completed. */
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

/** Receives every subscription that its code makes. */
export interface SubscriptionOwner {
  readonly node?: CallingComponent | undefined;
  own(subscription: Ending): void;
}

/** Who takes the subscriptions that are being made; there only while code runs in its name. */
let owner: SubscriptionOwner | undefined;

/**
 * Says in whose name subscriptions are made from now on. Whoever says so says again, before anything waits, that the
 * former one is back.
 *
 * @returns the former one
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
 * For resources that keep a deterministic order among components, which start concurrently.
 *
 * @returns undefined after the first `await` of that code, and outside of components
 */
export function callingComponent(): CallingComponent | undefined {
  return owner?.node;
}

/** Whether code runs in the name of an owner. */
export function isOwned(): boolean {
  return owner !== undefined;
}

/** Calls a function in the name of no owner. */
export function unowned(call: () => void): void {
  const former = changeOwner(undefined);
  try {
    call();
  } finally {
    changeOwner(former);
  }
}

/** A function that runs later in the name of the present owner, up to its first `await`. */
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

/** Gives a subscription that somebody has just asked for to whoever owns it. */
export function owned<S extends Ending>(subscription: S): S {
  if (!subscription.closed) owner?.own(subscription);
  return subscription;
}
