import { Injector } from '@ditsmod/core';
import { Basket, handle, Session, Trace, Transaction, User } from './values.ts';

export async function prepare(): Promise<() => Promise<void>> {
  const application = Injector.resolveAndCreate([]);
  const providers = Injector.resolve([Session, User, Basket, Transaction, Trace]);
  return async () => {
    const request = application.createChildFromResolved(providers);
    handle(request.get(Session), request.get(User), request.get(Basket), request.get(Transaction), request.get(Trace));
  };
}
