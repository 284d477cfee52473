import { Container } from '@inferdi/inferdi';
import { Basket, handle, Session, Trace, Transaction, User } from './values.ts';

export async function prepare(): Promise<() => Promise<void>> {
  const container = new Container()
    .registerClass('session', Session, [], 'scoped')
    .registerClass('user', User, [], 'scoped')
    .registerClass('basket', Basket, [], 'scoped')
    .registerClass('transaction', Transaction, [], 'scoped')
    .registerClass('trace', Trace, [], 'scoped');
  return async () => {
    await using request = container.createScope();
    handle(
      request.get('session'),
      request.get('user'),
      request.get('basket'),
      request.get('transaction'),
      request.get('trace'),
    );
  };
}
