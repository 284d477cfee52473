import { Component, component, provides, startApplication } from '@asphalt/core';
import { Basket, handle, Session, Trace, Transaction, User } from './values.ts';

const scope = 'context';
const dispose = (value: { dispose(): Promise<void> }): Promise<void> => value.dispose();

@component()
class App extends Component {
  @provides(Session, { scope, dispose })
  session(): Session {
    return new Session();
  }

  @provides(User, { scope, dispose })
  user(): User {
    return new User();
  }

  @provides(Basket, { scope, dispose })
  basket(): Basket {
    return new Basket();
  }

  @provides(Transaction, { scope, dispose })
  transaction(): Transaction {
    return new Transaction();
  }

  @provides(Trace, { scope, dispose })
  trace(): Trace {
    return new Trace();
  }
}

export async function prepare(): Promise<() => Promise<void>> {
  const { context } = await startApplication(App);
  return () =>
    context.run(async (request) => {
      handle(
        await request.getResource(Session),
        await request.getResource(User),
        await request.getResource(Basket),
        await request.getResource(Transaction),
        await request.getResource(Trace),
      );
    });
}
