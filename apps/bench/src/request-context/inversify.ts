import 'reflect-metadata';
import { Container } from 'inversify';
import { Basket, handle, Session, Trace, Transaction, User } from './values.ts';

const dispose = (value: { dispose(): Promise<void> }): Promise<void> => value.dispose();

export async function prepare(): Promise<() => Promise<void>> {
  const application = new Container();
  return async () => {
    const request = new Container({ parent: application });
    for (const type of [Session, User, Basket, Transaction, Trace]) {
      request.bind<{ dispose(): Promise<void> }>(type).to(type).inSingletonScope().onDeactivation(dispose);
    }
    try {
      handle(
        request.get(Session),
        request.get(User),
        request.get(Basket),
        request.get(Transaction),
        request.get(Trace),
      );
    } finally {
      await request.unbindAllAsync();
    }
  };
}
