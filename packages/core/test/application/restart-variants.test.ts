/** Further effects of stopped components, and of their leftovers, on the rest of an application. */
import { Deferred, errorOf, settled } from '@asphalt/test-support';
import { share, startWith, take } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import {
  component,
  Component,
  Context,
  ContextStateError,
  inject,
  injectAll,
  on,
  provides,
  ResourceNotFoundError,
  Signal,
  startApplication,
  TeardownError,
  token,
} from '@asphalt/core';

const Text = token<string>('Text');
const Other = token<string>('Other');

class Database {
  open = true;
  use(): string {
    if (!this.open) throw new Error('the database is closed');
    return 'used';
  }
}
class Bus {
  readonly news = new Signal<string>();
}
class Sql extends Component {
  @provides(Database, { dispose: (db) => void (db.open = false) }) database(): Database {
    return new Database();
  }
}

let bus = new Bus();
let events: unknown[] = [];
afterEach(() => {
  bus = new Bus();
  events = [];
});

describe('resources and restarts', () => {
  test('a generator finds the current resource if it looks it up during teardown, and the closed one if it kept it', async () => {
    class Work extends Component {
      @provides(Text, { scope: 'context' }) *findsAgain(asking: Context): Generator<string> {
        yield 'text';
        events.push(asking.getResourceSync(Database).use());
      }
      @provides(Other, { scope: 'context' }) *keeps(asking: Context): Generator<string> {
        const db = asking.getResourceSync(Database);
        yield 'other';
        db.use();
      }
    }
    @component({ components: { sql: Sql, work: Work } })
    class App extends Component {}
    await using app = await startApplication(App);
    const request = app.context.child('request');
    request.getResourceSync(Text);
    request.getResourceSync(Other);
    await app.restart('sql');
    const failure = (await errorOf(() => request.close())) as TeardownError;
    expect(failure.errors.map(String)).toEqual(['Error: the database is closed']);
    expect(events).toEqual(['used']);
  });

  test('values in open contexts that depend on a restarted component are replaced', async () => {
    class Session {
      constructor(readonly db: Database) {}
    }
    class Sessions extends Component {
      @inject(Database) readonly db!: Database;
      @provides(Session, { scope: 'context' }) session(): Session {
        return new Session(this.db);
      }
    }
    @component({ components: { sql: Sql, sessions: Sessions } })
    class App extends Component {}
    await using app = await startApplication(App);
    await app.context.run(async (request) => {
      const before = request.getResourceSync(Session);
      await app.restart('sql');
      expect(request.getResourceSync(Session)).not.toBe(before);
      expect(request.getResourceSync(Session).db.use()).toBe('used');
      await app.stopComponent('sql');
      expect(await errorOf(() => request.getResource(Session))).toMatchObject({
        near: { stopped: 'component `sessions` (Sessions)' },
      });
    });
  });

  test('a resource with several identifiers is withdrawn and published again under all of them', async () => {
    abstract class Store {
      abstract get(): number;
    }
    class SqlStore extends Store {
      static made = 0;
      readonly number = ++SqlStore.made;
      get(): number {
        return this.number;
      }
    }
    class Stores extends Component {
      @provides(Store, SqlStore) store(): SqlStore {
        return new SqlStore();
      }
    }
    @component({ components: { stores: Stores } })
    class App extends Component {}
    await using app = await startApplication(App);
    await using request = app.context.child();
    await app.restart('stores');
    expect([request.getResourceSync(Store).get(), request.getResourceSync(SqlStore).get()]).toEqual([2, 2]);
    await app.stopComponent('stores');
    expect([request.findResource(Store), request.findResource(SqlStore)]).toEqual([undefined, undefined]);
  });

  test('old keys disappear if a component publishes other keys after its restart', async () => {
    let name = 'a';
    class Names extends Component {
      override start(): void {
        this.context.addResource(Text, name, { name });
      }
    }
    @component({ components: { names: Names } })
    class App extends Component {}
    await using app = await startApplication(App);
    await using request = app.context.child();
    name = 'b';
    await app.restart('names');
    await using later = app.context.child();
    expect([...request.getResources(Text).keys(), ...later.getResources(Text).keys()]).toEqual(['b']);
    expect(await errorOf(() => request.getResource(Text, 'a'))).toMatchObject({
      near: { stopped: 'component `names` (Names)' },
    });
    name = 'a';
    await app.restart('names');
    expect([...request.getResources(Text).keys()]).toEqual(['a']);
  });

  test('concurrent restarts and stops end with the last instance', async () => {
    @component({ components: { sql: Sql } })
    class App extends Component {}
    const app = await startApplication(App);
    const request = app.context.child();
    await Promise.all([
      app.restart('sql'),
      app.restart('sql'),
      app.stopComponent('sql'),
      app.startComponent('sql'),
      app.restart('sql'),
    ]);
    expect(request.getResourceSync(Database).use()).toBe('used');
    expect(request.getResourceSync(Database)).toBe(app.context.getResourceSync(Database));
    const stopping = app.stop();
    await request.close();
    await stopping;
  });

  test('a factory with @injectAll receives the current resources', async () => {
    class Counts extends Component {
      @provides(Text, { scope: 'context' }) text(@injectAll(Database) all: ReadonlyMap<string, Database>): string {
        return [...all].map(([name, db]) => `${name} ${db.open}`).join();
      }
    }
    @component({ components: { 'sql/a': Sql, 'sql/b': Sql, counts: Counts } })
    class App extends Component {}
    await using app = await startApplication(App);
    await using request = app.context.child();
    expect(request.getResourceSync(Text)).toBe('a true,b true');
    await app.restart('sql/a');
    await using task = app.context.child();
    expect([request, task].map((each) => each.getResourceSync(Text))).toEqual(
      Array.from({ length: 2 }, () => 'a true,b true'),
    );
  });

  test('a value that is created after its context and its component have ended is disposed of', async () => {
    const gate = new Deferred();
    class Slow extends Component {
      @provides(Text, { scope: 'context', dispose: (text) => events.push(`disposed ${text}`) })
      async text(): Promise<string> {
        await gate.promise;
        return 'late';
      }
    }
    @component({ components: { slow: Slow } })
    class App extends Component {}
    await using app = await startApplication(App);
    const request = app.context.child();
    const text = errorOf(() => request.getResource(Text));
    await app.stopComponent('slow');
    await errorOf(() => request.close(undefined, { limitMs: 1 }));
    gate.resolve();
    expect(await text).toBeInstanceOf(ContextStateError);
    expect(events).toEqual(['disposed late']);
  });

  test('an open context does not grow with the number of restarts', async () => {
    @component({ components: { sql: Sql } })
    class App extends Component {}
    await using app = await startApplication(App);
    await using request = app.context.child();
    for (let time = 0; time < 50; time++) await app.restart('sql');
    await using later = app.context.child();
    for (const each of [request, later]) expect([...each.knownKeys()]).toHaveLength(2);
  }, 20_000);
});

describe('components', () => {
  test('a resource published during teardown is disposed of and withdrawn', async () => {
    class Late extends Component {
      override start(): void {
        this.context.onTeardown(() =>
          this.context.addResource(Text, 'late', { dispose: () => events.push(this.context.findResource(Text)) }),
        );
      }
    }
    @component({ components: { late: Late } })
    class App extends Component {}
    await using app = await startApplication(App);
    await app.stopComponent('late');
    expect([events, app.context.findResource(Text)]).toEqual([[undefined], undefined]);
  });

  test('an abandoned start cannot publish after the stop, and its error is reported', async () => {
    const gate = new Deferred();
    const errors: unknown[] = [];
    class Slow extends Component {
      static starts = 0;
      override async start(): Promise<void> {
        if (++Slow.starts === 1) return;
        await gate.promise;
        this.context.addResource(Text, 'late');
      }
    }
    @component({ components: { slow: Slow } })
    class App extends Component {}
    await using app = await startApplication(App, { startTimeout: 50, onError: (error) => errors.push(error) });
    await errorOf(() => app.restart('slow'));
    gate.resolve();
    await settled();
    expect(app.context.findResource(Text)).toBeUndefined();
    expect(errors).toMatchObject([{ code: 'ERR_COMPONENT_DOWN' }, { cause: { code: 'ERR_CONTEXT_STATE' } }]);
  });

  test('a component context that is first used after the stop is closed', async () => {
    let instance!: Component;
    class App extends Component {
      override start(): void {
        // oxlint-disable-next-line typescript/no-this-alias -- the test uses it later
        instance = this;
      }
    }
    await (await startApplication(App)).stop();
    const { context } = instance;
    expect([context.state, context.name, context.abort.aborted, [...context.keys()].length]).toEqual([
      'closed',
      'App',
      true,
      1,
    ]);
    await context.close();
  });

  test('a restart of the parent closes the contexts of its children and their dependents', async () => {
    const contexts: Context[] = [];
    class Piece extends Component {
      override start(): void {
        contexts.push(this.context);
      }
    }
    class Uses extends Piece {
      @inject(Database) readonly db!: Database;
    }
    @component({ components: { sql: Sql, part: Piece } })
    class Group extends Component {
      override prepare(): void {}
    }
    @component({ components: { group: Group, uses: Uses } })
    class App extends Component {}
    await using app = await startApplication(App);
    await app.restart('group');
    expect(contexts.map(({ state }) => state)).toEqual(['closed', 'closed', 'open', 'open']);
  });

  test('a handler that was abandoned at the limit cannot publish', async () => {
    const gate = new Deferred();
    class Handles extends Component {
      @provides(Bus) bus(): Bus {
        return bus;
      }
      @on(Bus, ({ news }) => news) async hear(): Promise<void> {
        await gate.promise;
        events.push(await errorOf(() => this.context.addResource(Text, 'late')));
      }
    }
    @component({ components: { handles: Handles } })
    class App extends Component {}
    const app = await startApplication(App, { stopTimeout: 1 });
    bus.news.dispatch('event');
    await errorOf(() => app.stopComponent('handles'));
    gate.resolve();
    await settled();
    expect(events).toEqual([expect.any(ContextStateError)]);
    await app.stop().catch(() => undefined);
  });
});

describe('subscriptions of factories', () => {
  test('subscriptions of a factory that another factory calls belong to its own component', async () => {
    class Inner extends Component {
      @provides(Text, { scope: 'context' }) text(): string {
        bus.news.subscribe((event) => events.push(`inner ${event}`));
        return 'inner';
      }
    }
    class Outer extends Component {
      @provides(Other, { scope: 'context' }) other(asking: Context): string {
        const text = asking.getResourceSync(Text);
        bus.news.subscribe((event) => events.push(`outer ${event}`));
        return text;
      }
    }
    @component({ components: { inner: Inner, outer: Outer } })
    class App extends Component {}
    await using app = await startApplication(App);
    await app.context.run(async (request) => {
      request.getResourceSync(Other);
      await app.stopComponent('outer');
      bus.news.dispatch('1');
      await app.stopComponent('inner');
      bus.news.dispatch('2');
    });
    expect(events).toEqual(['inner 1']);
  });

  test('subscriptions with operators end with the request, and other subscriptions to the source remain', async () => {
    const shared = bus.news.pipe(share());
    shared.subscribe((event) => events.push(`outside ${event}`));
    class Views extends Component {
      @provides(Text, { scope: 'context' }) text(): string {
        shared.pipe(startWith('first')).subscribe((event) => events.push(event));
        bus.news.pipe(take(1)).subscribe((event) => events.push(`once ${event}`));
        return 'text';
      }
    }
    await using app = await startApplication(Views);
    await app.context.run((request) => {
      request.getResourceSync(Text);
      bus.news.dispatch('a');
    });
    bus.news.dispatch('b');
    expect(events).toEqual(['first', 'outside a', 'a', 'once a', 'outside b']);
  });

  test('subscriptions of concurrent requests end separately', async () => {
    class Views extends Component {
      @provides(Text, { scope: 'context' }) text(asking: Context): string {
        bus.news.subscribe((event) => events.push(`${asking.name} ${event}`));
        return 'text';
      }
    }
    await using app = await startApplication(Views);
    const [a, b] = [app.context.child('a'), app.context.child('b')];
    a.getResourceSync(Text);
    b.getResourceSync(Text);
    await a.close();
    bus.news.dispatch('1');
    await b.close();
    bus.news.dispatch('2');
    expect(events).toEqual(['b 1']);
  });

  test('subscriptions of a failing factory end with the context', async () => {
    const application = new Context();
    application.addResourceFactory(Text, () => {
      bus.news.subscribe();
      throw new Error('no');
    });
    await application.run(async (request) => {
      await errorOf(() => request.getResource(Text));
      expect(bus.news.observed).toBe(true);
    });
    expect(bus.news.observed).toBe(false);
    await application.close();
  });

  test("subscriptions of a handler's factory end with the event", async () => {
    class Handles extends Component {
      @provides(Bus) bus(): Bus {
        return bus;
      }
      @provides(Text, { scope: 'context' }) text(): string {
        other.news.subscribe();
        return 'text';
      }
      @on(Bus, ({ news }) => news) hear(_: string, @inject(Text) text: string): void {
        events.push(text, other.news.observed);
      }
    }
    const other = new Bus();
    await using app = await startApplication(Handles);
    bus.news.dispatch('event');
    await settled();
    expect([...events, other.news.observed, app.state]).toEqual(['text', true, false, 'started']);
  });

  test('a subscriber that throws does not change the owner of later subscriptions', async () => {
    const more = new Signal<string>();
    class Talks extends Component {
      override start(): void {
        bus.news.dispatch('event');
        more.subscribe();
      }
    }
    bus.news.subscribe(() => {
      throw new Error('broken');
    });
    @component({ components: { talks: Talks } })
    class App extends Component {}
    await using app = await startApplication(App);
    expect(more.observed).toBe(true);
    await app.stopComponent('talks');
    expect(more.observed).toBe(false);
    expect(await errorOf(() => app.context.getResource(Text))).toBeInstanceOf(ResourceNotFoundError);
  });
});
