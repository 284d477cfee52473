/**
 * Who owns a subscription that is being made. The runtime knows while it calls the code of a component, which is
 * until that code first waits; there is no telling what runs after an `await`.
 */
import type { Subscription } from 'rxjs';

/** A subscription that can end as if its source had completed. */
export interface Ending extends Pick<Subscription, 'closed'> {
  complete(): void;
}

/** What takes the subscriptions that are being made; it is set only while the body of `ownSubscriptions` runs. */
let take: ((subscription: Ending) => void) | undefined;

/** Runs a body and tells of every subscription to a signal that it makes, synchronously. @internal */
export function ownSubscriptions<R>(owner: (subscription: Ending) => void, body: () => R): R {
  const outer = take;
  take = owner;
  try {
    return body();
  } finally {
    take = outer;
  }
}

/** Gives a subscription that somebody has just asked for to whoever owns it. */
export function owned<S extends Ending>(subscription: S): S {
  if (!subscription.closed) take?.(subscription);
  return subscription;
}
