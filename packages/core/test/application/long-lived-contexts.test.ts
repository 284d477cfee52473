/** Lookups in contexts that stay open while a component is stopped or restarted. */
import { Deferred, errorOf, settled } from '@asphalt/test-support';
import { injectable, inject as injectByInversify, optional as optionalByInversify } from 'inversify';
import { describe, expect, test } from 'vitest';
import {
  component,
  Component,
  Context,
  inject,
  injectAll,
  on,
  provides,
  ResourceNotFoundError,
  Signal,
  startApplication,
  task,
  token,
  type Application,
  type Deferred as DeferredNeed,
  type TaskGroup,
} from '@asphalt/core';

/** Whether the next start of {@link Sql} fails. */
let broken = false;

class Database {
  static opened = 0;
  readonly number = ++Database.opened;
  open = true;
  use(): string {
    if (!this.open) throw new Error(`database ${this.number} is closed`);
    return `database ${this.number}`;
  }
}
class Session {
  constructor(
    readonly db: Database,
    readonly madeBy: number,
  ) {}
}
const Url = token<string>('Url');
const Extra = token<string>('Extra');
const Counter = token<number>('Counter');

class Sql extends Component {
  static instances = 0;
  readonly number = ++Sql.instances;
  stopped = false;
  @provides(Database) async *database(): AsyncGenerator<Database> {
    if (broken) throw new Error('the server is gone');
    const database = new Database();
    yield database;
    database.open = false;
    await settled();
  }
  @provides(Session, { scope: 'context' }) session(@inject(Database) db: Database): Session {
    if (this.stopped) throw new Error('a stopped component was called');
    return new Session(db, this.number);
  }
  override start(): void {
    this.context.addResource(Url, `url ${this.number}`);
    this.context.addResourceFactory(Extra, () => {
      if (this.stopped) throw new Error('a stopped component was called');
      return `extra ${this.number}`;
    });
    this.context.onTeardown(() => {
      this.stopped = true;
    });
  }
}
class Other extends Component {}
@component({ components: { sql: Sql, other: Other } })
class App extends Component {}

async function started(type: new () => Component = App): Promise<Application> {
  broken = false;
  Database.opened = Sql.instances = 0;
  return startApplication(type, { onError: () => undefined });
}

/** Returns the results of all kinds of lookup of the component's resources in a context. */
async function foundIn(context: Context): Promise<Record<string, unknown>> {
  const outcome = async (find: () => unknown): Promise<unknown> => {
    try {
      const found = await find();
      if (found instanceof Database) return found.use();
      if (found instanceof Session) return `session of ${found.db.use()} by sql ${found.madeBy}`;
      return found;
    } catch (error) {
      return error instanceof ResourceNotFoundError ? `stopped: ${error.near.stopped}` : error;
    }
  };
  return {
    sync: await outcome(() => context.getResourceSync(Database)),
    async: await outcome(() => context.getResource(Database)),
    find: await outcome(() => context.findResource(Database)),
    all: await outcome(() => [...context.getResources(Database).values()].map((each) => each.use()).join()),
    session: await outcome(() => context.getResource(Session)),
    url: await outcome(() => context.getResourceSync(Url)),
    extra: await outcome(() => context.getResourceSync(Extra)),
    keys: [...context.keys()].filter(({ id }) => [Database, Session, Url, Extra].includes(id as never)).length,
  };
}

function found(number: number): Record<string, unknown> {
  return {
    sync: `database ${number}`,
    async: `database ${number}`,
    find: `database ${number}`,
    all: `database ${number}`,
    session: `session of database ${number} by sql ${number}`,
    url: `url ${number}`,
    extra: `extra ${number}`,
    keys: 4,
  };
}

const stopped = 'stopped: component `sql` (Sql)';
const gone = {
  sync: stopped,
  async: stopped,
  find: undefined,
  all: '',
  session: stopped,
  url: stopped,
  extra: stopped,
  keys: 0,
};

describe.each<[string, (app: Application) => Context | Promise<Context>]>([
  ["the application's own context", (app) => app.context],
  ['a child', (app) => app.context.child('request')],
  ['a grandchild', (app) => app.context.child('request').child('part')],
  [
    'a grandchild whose parent has its own resources',
    (app) => {
      const child = app.context.child();
      child.addResource(Counter, 1);
      return child.child();
    },
  ],
  [
    'a child with cached resources',
    async (app) => {
      const child = app.context.child();
      expect(await foundIn(child)).toEqual(found(1));
      return child;
    },
  ],
])('%s', (_, open) => {
  test('lookups of a stopped component find nothing, and the error names the component', async () => {
    const app = await started();
    const context = await open(app);
    await app.stopComponent('sql');
    expect(await foundIn(context)).toEqual(gone);
    await app.startComponent('sql');
    expect(await foundIn(context)).toEqual(found(2));
  });

  test('lookups find the new resources after each restart', async () => {
    const app = await started();
    const context = await open(app);
    for (const number of [2, 3, 4]) {
      await app.restart('sql');
      expect(await foundIn(context)).toEqual(found(number));
    }
  });

  test('lookups find nothing after a failed restart, and the new resources after a later start', async () => {
    const app = await started();
    const context = await open(app);
    broken = true;
    await expect(app.restart('sql')).rejects.toThrow('the server is gone');
    expect(await foundIn(context)).toEqual(gone);
    broken = false;
    await app.startComponent('sql');
    const { session, ...others } = await foundIn(context);
    expect([session, others['sync'], others['url']]).toEqual(['session of database 2 by sql 3', 'database 2', 'url 3']);
  });

  test('lookups find nothing after the parent of the component was stopped', async () => {
    @component({ components: { app: App } })
    class Root extends Component {}
    const app = await started(Root);
    const context = await open(app);
    await app.stopComponent('app');
    const outcome = await foundIn(context);
    expect(outcome).toEqual(
      Object.fromEntries(
        Object.entries(gone).map(([how, what]) => [
          how,
          what === stopped ? 'stopped: component `app.sql` (Sql)' : what,
        ]),
      ),
    );
    await app.restart('app');
  });
});

test('a context opened while the component was stopped finds the new resources after its start', async () => {
  const app = await started();
  await app.stopComponent('sql');
  const context = app.context.child();
  expect(await foundIn(context)).toEqual(gone);
  await app.startComponent('sql');
  expect(await foundIn(context)).toEqual(found(2));
  await context.close();
  await app.stop();
});

test('a lookup during a disposal does not find the resource', async () => {
  const gate = new Deferred();
  const Slow = token<string>('Slow');
  class SlowComponent extends Component {
    @provides(Slow, { dispose: () => gate.promise }) slow(): string {
      return 'slow';
    }
  }
  @component({ components: { slow: SlowComponent } })
  class Root extends Component {}
  const app = await startApplication(Root);
  const request = app.context.child();
  const stopping = app.stopComponent('slow');
  await settled();
  expect([request.findResource(Slow), app.context.findResource(Slow)]).toEqual([undefined, undefined]);
  gate.resolve();
  await stopping;
  await request.close();
  await app.stop();
});

test('the error names the stopped component and how to start it again', async () => {
  const app = await started();
  const request = app.context.child('request');
  await app.stopComponent('sql');
  expect(((await errorOf(() => request.getResource(Database))) as Error).message).toMatchInlineSnapshot(`
    "No resource of type \`Database\` named "default" in context "request"
      note         component \`sql\` (Sql) provided one, but was stopped
      help         look it up after the component has started again: see restart() and startComponent() of the application
      code         ERR_RESOURCE_NOT_FOUND"
  `);
  await request.close();
  await app.stop();
});

test('tasks, task groups and handlers find the current resource in their contexts', async () => {
  class Bus {
    readonly asked = new Signal<string>();
  }
  const responses: string[] = [];
  let group!: TaskGroup<Context>;
  let own!: Context;
  const end = new Deferred();
  class Worker extends Component {
    @provides(Bus) bus(): Bus {
      return new Bus();
    }
    override ready(): void {
      group = this.context.startTaskGroup({ name: 'group' });
    }
    @task() async work(_abort: AbortSignal, context: Context): Promise<void> {
      own = context;
      await end.promise;
    }
    @on(Bus, ({ asked }) => asked) respond(_: string, context: Context): void {
      responses.push(`handler ${context.getResourceSync(Database).use()}`);
    }
  }
  @component({ components: { sql: Sql, worker: Worker } })
  class Root extends Component {}
  const app = await started(Root);
  for (const number of [1, 2, 3]) {
    const { asked } = app.context.getResourceSync(Bus);
    const task = group.startTask((_, context) => responses.push(`task ${context.getResourceSync(Database).use()}`));
    await task.finished();
    asked.dispatch('now');
    await settled();
    expect([...responses.splice(0), `own ${own.getResourceSync(Database).use()}`]).toEqual([
      `task database ${number}`,
      `handler database ${number}`,
      `own database ${number}`,
    ]);
    await app.restart('sql');
  }
  end.resolve();
  await app.stop();
});

test('only the resources of the stopped instance disappear, not those of other named instances', async () => {
  class Named extends Component {
    @provides(Counter) counter(): number {
      return Sql.instances++;
    }
  }
  @component({ components: { 'c/a': Named, 'c/b': Named } })
  class Root extends Component {}
  const app = await started(Root);
  const request = app.context.child();
  expect(Object.fromEntries(request.getResources(Counter))).toEqual({ a: 0, b: 1 });
  await app.stopComponent('c/a');
  expect(Object.fromEntries(request.getResources(Counter))).toEqual({ b: 1 });
  expect(await errorOf(() => request.getResource(Counter, 'a'))).toMatchObject({
    near: { stopped: 'component `c/a` (Named)' },
  });
  await app.startComponent('c/a');
  expect(Object.fromEntries(request.getResources(Counter))).toEqual({ a: 2, b: 1 });
  await request.close();
  await app.stop();
});

test('deferred needs and @injectAll use the current resources', async () => {
  let deferred!: DeferredNeed<Database>;
  const seen: number[] = [];
  class Reader extends Component {
    @inject(Database, { deferred: true }) readonly db!: DeferredNeed<Database>;
    override start(): void {
      deferred = this.db;
    }
  }
  class Lists extends Component {
    @injectAll(Database) readonly all!: ReadonlyMap<string, Database>;
    override start(): void {
      seen.push([...this.all.values()][0]!.number);
    }
  }
  @component({ components: { sql: Sql, reader: Reader, lists: Lists } })
  class Root extends Component {}
  const app = await started(Root);
  expect(deferred.get().use()).toBe('database 1');
  await app.restart('sql');
  expect(deferred.get().use()).toBe('database 2');
  expect(seen).toEqual([1, 2]);
  await app.stopComponent('sql');
  expect(await errorOf(() => deferred.get())).toMatchObject({ near: { stopped: 'component `sql` (Sql)' } });
  await app.stop();
});

@injectable()
class Summary {
  constructor(@injectByInversify(Database) readonly db: Database) {}
}
@injectable()
class Maybe {
  constructor(@injectByInversify(Database) @optionalByInversify() readonly db?: Database) {}
}

test('a container resolves with the current resource, no matter when it was created', async () => {
  const app = await started();
  const before = app.context.child();
  expect((await before.resolve(Summary)).db.use()).toBe('database 1');
  await app.stopComponent('sql');
  const during = app.context.child();
  expect(await errorOf(() => before.resolve(Summary))).toBeInstanceOf(ResourceNotFoundError);
  expect(await errorOf(() => during.resolve(Summary))).toBeInstanceOf(ResourceNotFoundError);
  await app.startComponent('sql');
  expect((await before.resolve(Summary)).db.use()).toBe('database 2');
  expect((await during.resolve(Summary)).db.use()).toBe('database 2');
  expect((await during.resolve(Maybe)).db?.use()).toBe('database 2');
  await before.close();
  await during.close();
  await app.stop();
});

describe('running factories', () => {
  test('a lookup rejects if the component stops while its factory is running, and the value is disposed of', async () => {
    const gate = new Deferred();
    const disposed: string[] = [];
    const Slow = token<string>('Slow');
    class SlowComponent extends Component {
      @provides(Slow, { scope: 'context', dispose: (value) => disposed.push(value) })
      async slow(): Promise<string> {
        await gate.promise;
        return 'slow';
      }
    }
    @component({ components: { slow: SlowComponent } })
    class Root extends Component {}
    const app = await startApplication(Root);
    const request = app.context.child();
    const value = errorOf(() => request.getResource(Slow));
    await app.restart('slow');
    gate.resolve();
    expect(await value).toMatchObject({ near: { stopped: 'component `slow` (SlowComponent)' } });
    expect(await request.getResource(Slow)).toBe('slow');
    await request.close();
    expect(disposed).toEqual(['slow', 'slow']);
    await app.stop();
  });

  test('a factory is not called on a stopped instance after it has waited for a need', async () => {
    const gate = new Deferred();
    const Slow = token<string>('Slow');
    const calls: number[] = [];
    class SlowComponent extends Component {
      @provides(Slow, { scope: 'context' }) async slow(): Promise<string> {
        await gate.promise;
        return 'slow';
      }
    }
    class Uses extends Component {
      static instances = 0;
      readonly number = ++Uses.instances;
      @provides(Counter, { scope: 'context' }) counter(@inject(Slow) slow: string): number {
        calls.push(this.number);
        return slow.length;
      }
    }
    @component({ components: { slow: SlowComponent, uses: Uses } })
    class Root extends Component {}
    const app = await startApplication(Root);
    const request = app.context.child();
    const value = errorOf(() => request.getResource(Counter));
    await app.restart('uses');
    gate.resolve();
    expect(await value).toMatchObject({ near: { stopped: 'component `uses` (Uses)' } });
    expect(await request.getResource(Counter)).toBe(4);
    expect(calls).toEqual([2]);
    await request.close();
    await app.stop();
  });
});
