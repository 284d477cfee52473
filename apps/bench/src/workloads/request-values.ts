/** The values of the requests that `request-context` measures. */

/** What happened to the values of all requests. */
const counts = { made: 0, used: 0, disposed: 0 };

/** A value of a request. It counts its creation, use and disposal, so that a sample can be verified. */
export abstract class Value {
  #open = true;

  constructor() {
    counts.made++;
  }

  use(): void {
    if (this.#open) counts.used++;
  }

  async dispose(): Promise<void> {
    this.#open = false;
    counts.disposed++;
  }
}

export class Session extends Value {}
export class User extends Value {}
export class Basket extends Value {}
export class Transaction extends Value {}
export class Trace extends Value {}

export const valueTypes = [Session, User, Basket, Transaction, Trace];

export function dispose(value: Value): Promise<void> {
  return value.dispose();
}

/** Uses the values as the handler of a request. */
export function handle(session: Session, user: User, basket: Basket, transaction: Transaction, trace: Trace): void {
  session.use();
  user.use();
  basket.use();
  transaction.use();
  trace.use();
}

export function resetCounts(): void {
  Object.assign(counts, { made: 0, used: 0, disposed: 0 });
}

/** @throws when some of the five values of each request were not made, used or, if the subject does so, disposed */
export function verifyCounts(requests: number, disposes: boolean): void {
  const all = 5 * requests;
  if (counts.made === all && counts.used === all && counts.disposed === (disposes ? all : 0)) return;
  throw new Error(`After ${requests} requests: ${JSON.stringify(counts)}`);
}
