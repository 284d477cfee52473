import { createInjector } from 'typed-inject';
import { Basket, handle, Session, Trace, Transaction, User } from './values.ts';

export async function prepare(): Promise<() => Promise<void>> {
  const application = createInjector();
  return async () => {
    const scope = application.createChildInjector();
    const request = scope
      .provideClass('session', Session)
      .provideClass('user', User)
      .provideClass('basket', Basket)
      .provideClass('transaction', Transaction)
      .provideClass('trace', Trace);
    try {
      handle(
        request.resolve('session'),
        request.resolve('user'),
        request.resolve('basket'),
        request.resolve('transaction'),
        request.resolve('trace'),
      );
    } finally {
      await scope.dispose();
    }
  };
}
