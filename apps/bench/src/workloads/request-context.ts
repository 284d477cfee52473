/** Measures a request's context: opens it, looks up five request-scoped values and closes it. */
import { meanTime } from '../harness/hot.ts';
import { implementationOf, type Implementations, type Workload } from '../harness/workload.ts';
import {
  Basket,
  dispose,
  handle,
  resetCounts,
  Session,
  Trace,
  Transaction,
  User,
  valueTypes,
  verifyCounts,
  type Value,
} from './request-values.ts';

/** Creates the objects that all requests share. @returns a function that serves one request */
type Prepare = () => Promise<() => Promise<void>>;

type Cradle = { session: Session; user: User; basket: Basket; transaction: Transaction; trace: Trace };

/** In development, values are compared with the classes they are published as. */
const inDevelopment = 'asphalt (development)';

const implementations: Implementations<Prepare> = {
  asphalt: prepareAsphalt,
  [inDevelopment]: prepareAsphalt,

  async hand() {
    return serveByHand;
  },

  async '@inferdi/inferdi'() {
    const { Container } = await import('@inferdi/inferdi');
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
  },

  async '@ditsmod/core'() {
    const { Injector } = await import('@ditsmod/core');
    const application = Injector.resolveAndCreate([]);
    const providers = Injector.resolve(valueTypes);
    return async () => {
      const request = application.createChildFromResolved(providers);
      handle(
        request.get(Session),
        request.get(User),
        request.get(Basket),
        request.get(Transaction),
        request.get(Trace),
      );
    };
  },

  async awilix() {
    const { asClass, createContainer } = await import('awilix');
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
  },

  async 'typed-inject'() {
    const { createInjector } = await import('typed-inject');
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
  },

  async effect() {
    const { Effect } = await import('effect');
    const open = <T extends Value>(Type: new () => T) =>
      Effect.acquireRelease(
        Effect.sync(() => new Type()),
        (value) => Effect.promise(() => value.dispose()),
      );
    const request = Effect.scoped(
      Effect.gen(function* () {
        handle(
          yield* open(Session),
          yield* open(User),
          yield* open(Basket),
          yield* open(Transaction),
          yield* open(Trace),
        );
      }),
    );
    return () => Effect.runPromise(request);
  },

  async '@nestjs/core'() {
    await import('reflect-metadata');
    const { Injectable, Module, Scope } = await import('@nestjs/common');
    const { ContextIdFactory, NestFactory } = await import('@nestjs/core');
    for (const type of valueTypes) Injectable({ scope: Scope.REQUEST })(type);

    @Module({ providers: valueTypes })
    class AppModule {}

    const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
    return async () => {
      const request = ContextIdFactory.create();
      handle(
        await app.resolve(Session, request),
        await app.resolve(User, request),
        await app.resolve(Basket, request),
        await app.resolve(Transaction, request),
        await app.resolve(Trace, request),
      );
    };
  },

  async inversify() {
    await import('reflect-metadata');
    const { Container } = await import('inversify');
    const application = new Container();
    return async () => {
      const request = new Container({ parent: application });
      for (const type of valueTypes) request.bind<Value>(type).to(type).inSingletonScope().onDeactivation(dispose);
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
  },
};

async function prepareAsphalt(): Promise<() => Promise<void>> {
  const { Component, component, provides, startApplication } = await import('@asphalt/core');
  const scope = 'context';

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

async function serveByHand(): Promise<void> {
  const session = await open(Session);
  try {
    const user = await open(User);
    try {
      const basket = await open(Basket);
      try {
        const transaction = await open(Transaction);
        try {
          const trace = await open(Trace);
          try {
            handle(session, user, basket, transaction, trace);
          } finally {
            await trace.dispose();
          }
        } finally {
          await transaction.dispose();
        }
      } finally {
        await basket.dispose();
      }
    } finally {
      await user.dispose();
    }
  } finally {
    await session.dispose();
  }
}

async function open<T>(Type: new () => T): Promise<T> {
  return new Type();
}

/** Subjects without teardowns for values of a request. */
const withoutTeardown = new Set(['@ditsmod/core', '@nestjs/core']);
const disposesNot = 'does not dispose';

export const requestContext: Workload = {
  name: 'request-context',
  measures:
    'A child context is opened, creates five values of its own that each have an asynchronous teardown, and is closed.',
  unit: 'µs',
  yardstick: 'hand',
  target: 'asphalt ≤ 2 × hand, and ahead of all others',
  subjects: [
    { name: 'asphalt', package: '@asphalt/core', note: 'in production' },
    { name: inDevelopment, package: '@asphalt/core', note: 'values are checked' },
    { name: 'hand', note: 'awaits each value and each teardown' },
    { name: '@inferdi/inferdi', package: '@inferdi/inferdi' },
    { name: '@ditsmod/core', package: '@ditsmod/core', note: `child injector; ${disposesNot}` },
    { name: 'awilix', package: 'awilix' },
    { name: 'typed-inject', package: 'typed-inject' },
    { name: 'effect', package: 'effect', note: 'scope' },
    { name: '@nestjs/core', package: '@nestjs/core', note: `request scope; ${disposesNot}` },
    { name: 'inversify', package: 'inversify', note: 'child container' },
  ],
  async sample(subject, effort) {
    process.env['ASPHALT_CHECKS'] = subject === inDevelopment ? 'on' : 'off';
    const prepare = implementationOf(implementations, subject);
    const serve = await prepare();
    resetCounts();
    let requests = 0;
    const time = await meanTime(async () => {
      requests++;
      await serve();
    }, effort);
    verifyCounts(requests, !withoutTeardown.has(subject));
    return { value: time / 1000 };
  },
};
