import { asClass, createContainer } from 'awilix';
import { Basket, handle, Session, Trace, Transaction, User } from './values.ts';

interface Cradle {
  session: Session;
  user: User;
  basket: Basket;
  transaction: Transaction;
  trace: Trace;
}

const dispose = (value: { dispose(): Promise<void> }): Promise<void> => value.dispose();

export async function prepare(): Promise<() => Promise<void>> {
  const container = createContainer<Cradle>({ strict: true });
  container.register({
    session: asClass(Session).scoped().disposer(dispose),
    user: asClass(User).scoped().disposer(dispose),
    basket: asClass(Basket).scoped().disposer(dispose),
    transaction: asClass(Transaction).scoped().disposer(dispose),
    trace: asClass(Trace).scoped().disposer(dispose),
  });
  return async () => {
    const request = container.createScope();
    try {
      const { session, user, basket, transaction, trace } = request.cradle;
      handle(session, user, basket, transaction, trace);
    } finally {
      await request.dispose();
    }
  };
}
