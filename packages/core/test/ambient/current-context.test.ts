import {
  component,
  Component,
  Context,
  inject,
  on,
  provides,
  Signal,
  startApplication,
  task,
  token,
} from '@asphalt/core';
import { currentContext, NoCurrentContextError } from '@asphalt/core/ambient';
import { failureOf, settled } from '@asphalt/test-support';
import { expect, test } from 'vitest';

class Session {}
const Port = token<number>('Port');

test('currentContext returns the innermost context of Context.run() and throws outside', async () => {
  expect(() => currentContext()).toThrow(NoCurrentContextError);
  await Context.run(async (parent) => {
    expect(currentContext()).toBe(parent);
    await parent.run(async (child) => {
      expect(currentContext()).toBe(child);
      await settled();
      expect(currentContext()).toBe(child);
    });
    expect(currentContext()).toBe(parent);
    await failureOf(() => parent.run(() => Promise.reject(new Error('failed'))));
    expect(currentContext()).toBe(parent);
  });
  expect(() => currentContext()).toThrow(NoCurrentContextError);
});

test('concurrent contexts are each current in their own body', async () => {
  await Context.run(async (parent) => {
    const seen = await Promise.all(
      Array.from({ length: 20 }, (_, number) =>
        parent.run(async (own) => {
          for (let turns = 0; turns < number % 5; turns++) await settled();
          return currentContext() === own;
        }),
      ),
    );
    expect(seen.every(Boolean)).toBe(true);
  });
});

test('enter() runs a function with a manually opened context as the current one and returns its result', () => {
  const context = new Context();
  expect(context.enter((given) => [given, currentContext()])).toEqual([context, context]);
  expect(() => currentContext()).toThrow(NoCurrentContextError);
});

const factories: Record<string, (note: () => void) => () => unknown> = {
  plain: (note) => () => (note(), new Session()),
  async: (note) => async () => (await settled(), note(), new Session()),
  generator: (note) =>
    function* () {
      note();
      yield new Session();
      note();
    },
  'async generator': (note) =>
    async function* () {
      note();
      yield new Session();
      await settled();
      note();
    },
  'promise of a generator': (note) => async () => {
    await settled();
    return (async function* () {
      note();
      yield new Session();
      note();
    })();
  },
};

test.each(Object.entries(factories))(
  'a factory that is %s runs with the context that looked it up as the current one, including its teardown',
  async (_, factory) => {
    const seen: Context[] = [];
    await Context.run(async (asked) => {
      asked.addResourceFactory(Session, factory(() => seen.push(currentContext())) as () => Session);
      await asked.run(async (current) => {
        await asked.getResource(Session);
        expect(currentContext()).toBe(current);
      });
    });
    expect(seen.length).toBeGreaterThan(0);
    // An async factory receives a view of the context.
    expect(new Set(seen.map(({ lifetime }) => lifetime)).size).toBe(1);
    expect(seen[0]!.name).toBe('root');
  },
);

test('a teardown callback runs with the closing context as the current one', async () => {
  const context = new Context('request');
  const seen: unknown[] = [];
  context.addResource(Port, 80, { dispose: async () => (await settled(), seen.push(currentContext())) });
  context.onTeardown(() => seen.push(currentContext().getResourceSync(Port)));
  await Context.run(() => context.close());
  expect(seen).toEqual([80, context]);
});

test('the runtime calls the methods of a component with the context of that component as the current one', async () => {
  const seen: Record<string, [own: boolean, name: string]> = {};
  const note = (what: string, own?: Context): void => {
    seen[what] = [own === currentContext(), currentContext().name];
  };
  class Feed {
    readonly changed = new Signal<string>();
  }
  @component()
  class Piece extends Component {
    constructor() {
      super();
      note('constructor', this.context);
    }
    override *prepare(): Generator<void> {
      note('prepare', this.context);
      yield;
      note('prepare, teardown', this.context);
    }
    @provides(Feed)
    *feed(): Generator<Feed> {
      note('provider', this.context);
      yield new Feed();
      note('provider, teardown', this.context);
    }
    @provides(Session, { scope: 'context', dispose: () => note('factory, dispose') })
    session(asking: Context): Session {
      note('factory', asking);
      return new Session();
    }
    override async start(): Promise<void> {
      await settled();
      note('start', this.context);
    }
    override ready(): void {
      note('ready', this.context);
    }
    @task()
    async work(_abort: AbortSignal, own: Context): Promise<void> {
      await settled();
      note('task', own);
    }
    @on(Feed, (feed) => feed.changed)
    async handle(_event: string, own: Context, @inject(Session) _session: Session): Promise<void> {
      await settled();
      note('handler', own);
    }
  }
  @component({ components: { part: Piece } })
  class App extends Component {}
  const application = await startApplication(App);
  application.context.getResourceSync(Feed).changed.dispatch('now');
  await application.stop();
  expect(seen).toEqual({
    constructor: [true, 'part'],
    prepare: [true, 'part'],
    provider: [true, 'part'],
    start: [true, 'part'],
    ready: [true, 'part'],
    task: [true, 'part.work'],
    factory: [true, 'part.handle'],
    handler: [true, 'part.handle'],
    'factory, dispose': [false, 'part.handle'],
    'provider, teardown': [true, 'part'],
    'prepare, teardown': [true, 'part'],
  });
});

test('a restarted component runs with an open context as the current one', async () => {
  const seen: string[] = [];
  @component()
  class Piece extends Component {
    override async *start(): AsyncGenerator<void> {
      await settled();
      seen.push(`start in ${currentContext().name}, ${currentContext().state}`);
      yield;
      seen.push(`teardown in ${currentContext().name}`);
    }
  }
  @component({ components: { part: Piece } })
  class App extends Component {}
  const application = await startApplication(App);
  await application.restart('part');
  await application.stop();
  const [start, teardown] = ['start in part, open', 'teardown in part'];
  expect(seen).toEqual([start, teardown, start, teardown]);
});

test('work that outlives its context sees it as closed', async () => {
  let late: Promise<unknown> | undefined;
  await Context.run((context) => {
    context.addResource(Port, 80);
    late = settled().then(() => failureOf(() => currentContext().getResourceSync(Port)));
  }, 'request');
  expect(await late).toMatchObject({ summary: 'Cannot look up a resource in context "request": it is closed' });
});
