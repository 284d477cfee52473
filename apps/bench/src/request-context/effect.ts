import { Effect } from 'effect';
import { Basket, handle, Session, Trace, Transaction, User } from './values.ts';

function open<T extends { dispose(): Promise<void> }>(Type: new () => T) {
  return Effect.acquireRelease(
    Effect.sync(() => new Type()),
    (value) => Effect.promise(() => value.dispose()),
  );
}

const request = Effect.scoped(
  Effect.gen(function* () {
    handle(yield* open(Session), yield* open(User), yield* open(Basket), yield* open(Transaction), yield* open(Trace));
  }),
);

export async function prepare(): Promise<() => Promise<void>> {
  return () => Effect.runPromise(request);
}
