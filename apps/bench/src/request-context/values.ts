/** The five values of a request. Each counts its creation, use and disposal, so that a sample can be verified. */

export const counts = { made: 0, used: 0, disposed: 0 };

abstract class Value {
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

/** Uses the values as the handler of a request. */
export function handle(session: Session, user: User, basket: Basket, transaction: Transaction, trace: Trace): void {
  session.use();
  user.use();
  basket.use();
  transaction.use();
  trace.use();
}
