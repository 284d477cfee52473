import { Deferred, errorOf, recordingLogger, settled } from '@asphalt/test-support';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  Application,
  ApplicationStateError,
  component,
  Component,
  ComponentStartError,
  inject,
  injectAll,
  on,
  provides,
  Signal,
  startApplication,
  StartError,
  StopError,
  task,
  token,
  type ComponentClass,
  type Deferred as DeferredNeed,
} from '@asphalt/core';
import { ComponentStoppedError, StartCancelledError } from '@asphalt/core/errors';
import { planApplication } from '@asphalt/core/inspect';
import { Journal } from './journal.ts';

afterEach(() => {
  vi.useRealTimers();
});

class Database {
  open = true;
}
class Users {
  constructor(readonly db: Database) {}
}
class Mailer {}

/** Whether the start or the undo of a component fails. */
const trouble = { start: false, undo: false };

class Sql extends Component {
  @provides(Database)
  async *database(): AsyncGenerator<Database> {
    if (trouble.start) throw new Error('the server is gone');
    const database = new Database();
    yield database;
    database.open = false;
    if (trouble.undo) throw new Error('the connection is lost');
  }
}
class UsersComponent extends Component {
  @inject(Database) readonly db!: Database;
  @provides(Users) users(): Users {
    return new Users(this.db);
  }
}
class MailerComponent extends Component {
  @provides(Mailer) mailer(): Mailer {
    return new Mailer();
  }
}
@component({ components: { sql: Sql, users: UsersComponent, mailer: MailerComponent } })
class App extends Component {}

afterEach(() => {
  trouble.start = trouble.undo = false;
});

/** Returns the state changes of each component during an action, by path. */
async function changes(app: Application, action: () => Promise<unknown>): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  const subscription = app.lifecycle.subscribe((event) => {
    if (event.type !== 'component') return;
    const { path } = event.component;
    seen[path] = path in seen ? `${seen[path]} ${event.state}` : event.state;
  });
  await action();
  subscription.unsubscribe();
  return seen;
}

const restarted = 'stopping stopped starting started ready';

describe('restart()', () => {
  test('a restart includes dependent components and leaves the others with the same resources', async () => {
    await using app = await startApplication(App);
    const before = app.context.getResourceSync(Database);
    const mailer = app.context.getResourceSync(Mailer);
    const seen = await changes(app, () => app.restart('sql'));
    const after = app.context.getResourceSync(Database);
    expect(seen).toEqual({ sql: restarted, users: restarted });
    expect(after).not.toBe(before);
    expect([before.open, after.open]).toEqual([false, true]);
    expect(app.context.getResourceSync(Users).db).toBe(after);
    expect(app.context.getResourceSync(Mailer)).toBe(mailer);
    expect(app.state).toBe('started');
  });

  test('a restart undoes ready() first, then the other steps in the stop order, and starts again', async () => {
    const journal = new Journal();
    const base = token<string>('base');
    class Base extends journal.component('base') {
      @provides(base) make(): string {
        return 'base';
      }
    }
    class Top extends journal.component('top') {}
    inject(base)(Top.prototype, 'base');
    @component({ components: { base: Base, other: journal.component('other'), top: Top } })
    class Root extends Component {}
    await using app = await startApplication(Root);
    journal.take();
    await app.restart('base');
    expect(journal.take()).toEqual([
      'undo top ready',
      'undo base ready',
      'undo top start',
      'undo base start',
      'undo top prepare',
      'top gone',
      'undo base prepare',
      'base gone',
      'base made',
      'base prepare',
      'base start',
      'top made',
      'top prepare',
      'top start',
      'base ready',
      'top ready',
    ]);
  });

  test('a restart includes descendants, and the parent only if it needs one of them', async () => {
    const value = token<string>('value');
    class Leaf extends Component {
      @provides(value) make(): string {
        return 'leaf';
      }
    }
    class Idle extends Component {}
    @component({ components: { leaf: Leaf } })
    class Branch extends Component {}
    @component({ components: { branch: Branch, idle: Idle } })
    class Aloof extends Component {
      override start(): void {}
    }
    await using aloof = await startApplication(Aloof);
    expect(await changes(aloof, () => aloof.restart('branch'))).toEqual({
      branch: restarted,
      'branch.leaf': restarted,
    });

    @component({ components: { branch: Branch, idle: Idle } })
    class Needy extends Component {
      @inject(value) readonly value!: string;
    }
    await using needy = await startApplication(Needy);
    expect(await changes(needy, () => needy.restart('branch'))).toEqual({
      branch: restarted,
      'branch.leaf': restarted,
      '': restarted,
    });
    expect(Object.keys(await changes(needy, () => needy.restart('')))).toHaveLength(4);
  });

  test('a restart of a component with prepare() includes its children', async () => {
    class Idle extends Component {}
    @component({ components: { child: Idle } })
    class Prepared extends Component {
      override prepare(): void {}
    }
    const value = token<string>('value');
    class Source extends Component {
      @provides(value) make(): string {
        return 'source';
      }
    }
    @component({ components: { grandchild: Idle } })
    class Needy extends Prepared {
      @inject(value) readonly value!: string;
    }
    @component({ components: { source: Source, needy: Needy, idle: Idle } })
    class Root extends Component {}
    await using app = await startApplication(Root);
    expect(Object.keys(await changes(app, () => app.restart('source'))).sort()).toEqual([
      'needy',
      'needy.grandchild',
      'source',
    ]);
  });

  test('dynamic lookups, tasks, handlers and @injectAll count as needs, and deferred needs do not', async () => {
    class Feed {
      readonly news = new Signal<string>();
    }
    class Source extends Component {
      @provides(Feed) feed(): Feed {
        return new Feed();
      }
    }
    const heard: string[] = [];
    class ByHand extends Component {
      override async start(): Promise<void> {
        await this.context.getResource(Feed);
      }
    }
    class ByTask extends Component {
      @task() async work(@inject(Feed) _feed: Feed): Promise<void> {}
    }
    class ByHandler extends Component {
      @on(Feed, (feed) => feed.news) hear(news: string): void {
        heard.push(news);
      }
    }
    class ByAll extends Component {
      @injectAll(Feed) readonly all!: ReadonlyMap<string, Feed>;
    }
    class Lax extends Component {
      @inject(Feed, { deferred: true }) readonly feed!: DeferredNeed<Feed>;
    }
    @component({
      components: { hand: ByHand, task: ByTask, handler: ByHandler, all: ByAll, lax: Lax, source: Source },
    })
    class Root extends Component {}
    await using app = await startApplication(Root);
    for (const round of ['once', 'and again']) {
      const seen = await changes(app, () => app.restart('source'));
      expect(Object.keys(seen).sort()).toEqual(['all', 'hand', 'handler', 'source', 'task']);
      app.context.getResourceSync(Feed).news.dispatch(round);
    }
    await app.stop();
    expect(heard).toEqual(['once', 'and again']);
  });

  test('a restart fires the abort signal of the stopped components only', async () => {
    const signals: Record<string, AbortSignal> = {};
    class Listening extends Component {
      override start(abort: AbortSignal): void {
        signals[this.path] = abort;
      }
    }
    @component({ components: { a: Listening, b: Listening } })
    class Root extends Component {}
    await using app = await startApplication(Root);
    const before = { ...signals };
    await app.restart('a');
    expect([before['a']!.aborted, before['b']!.aborted, signals['a']!.aborted]).toEqual([true, false, false]);
    await app.stop();
    expect([before['b']!.aborted, signals['a']!.aborted]).toEqual([true, true]);
  });

  test('a restart handles earlier events even if new events keep arriving', async () => {
    class Feed {
      readonly news = new Signal<number>();
    }
    class Source extends Component {
      @provides(Feed) feed(): Feed {
        return new Feed();
      }
    }
    const gate = new Deferred();
    const heard: number[] = [];
    class Hearing extends Component {
      @on(Feed, (feed) => feed.news) async hear(news: number): Promise<void> {
        await gate.promise;
        heard.push(news);
        // An endless flow of events must not prevent the restart.
        feed.news.dispatch(news + 10);
      }
    }
    @component({ components: { source: Source, hearing: Hearing } })
    class Root extends Component {}
    await using app = await startApplication(Root);
    const feed = app.context.getResourceSync(Feed);
    feed.news.dispatch(1);
    feed.news.dispatch(2);
    const restart = app.restart('hearing');
    await settled();
    gate.resolve();
    await restart;
    expect(heard.slice(0, 2)).toEqual([1, 2]);
  });

  test('a restart continues after a failing teardown and reports it to onError', async () => {
    const errors: unknown[] = [];
    await using app = await startApplication(App, { onError: (error) => errors.push(error) });
    const before = app.context.getResourceSync(Database);
    trouble.undo = true;
    await app.restart('sql');
    trouble.undo = false;
    expect(app.context.getResourceSync(Database)).not.toBe(before);
    expect(errors.map((error) => (error as StopError).message)).toMatchInlineSnapshot(`
      [
        "1 failure while component \`sql\` (Sql) stopped
        1. component \`sql\` (Sql), rest of database(): Error: the connection is lost
        code         ERR_STOP",
      ]
    `);
  });

  test('a failed restart leaves the component and its dependents stopped until a later start', async () => {
    await using app = await startApplication(App);
    const mailer = app.context.getResourceSync(Mailer);
    trouble.start = true;
    const failure = await errorOf(() => app.restart('sql'));
    expect(failure).toBeInstanceOf(ComponentStartError);
    expect(failure.message).toMatchInlineSnapshot(`
      "Component \`sql\` (Sql) failed to start: Error: the server is gone
        called in    database() of component \`sql\` (Sql)
        path         App › sql (Sql)
        code         ERR_COMPONENT_START"
    `);
    expect(app.state).toBe('started');
    expect(app.context.findResource(Database)).toBeUndefined();
    expect(app.context.findResource(Users)).toBeUndefined();
    expect(app.context.getResourceSync(Mailer)).toBe(mailer);
    trouble.start = false;
    await app.startComponent('sql');
    expect(app.context.getResourceSync(Users).db).toBe(app.context.getResourceSync(Database));
  });

  test('a restart whose start and undo both fail reports both errors', async () => {
    const b = token<string>('b');
    let broken = false;
    class First extends Component {
      @provides(b) *make(): Generator<string> {
        yield 'first';
        if (broken) throw new Error('does not end');
      }
    }
    class Second extends Component {
      override start(@inject(b) _: string): void {
        if (broken) throw new Error('does not start');
      }
    }
    @component({ components: { first: First, second: Second } })
    class Root extends Component {}
    const reported: unknown[] = [];
    await using app = await startApplication(Root, { onError: (error) => reported.push(error) });
    broken = true;
    const failure = await errorOf(() => app.restart('first'));
    broken = false;
    expect(failure).toBeInstanceOf(StartError);
    expect((failure as StartError).errors.map((error) => (error as Error).constructor.name)).toEqual([
      'ComponentStartError',
      'StopError',
    ]);
    expect(reported).toMatchObject([{ code: 'ERR_STOP' }, { code: 'ERR_COMPONENT_DOWN', cause: failure }]);
  });
});

describe('stopComponent() and startComponent()', () => {
  test('a stopped component and its dependents stay stopped until the component starts again', async () => {
    await using app = await startApplication(App);
    expect(await changes(app, () => app.stopComponent('sql'))).toEqual({
      sql: 'stopping stopped',
      users: 'stopping stopped',
    });
    expect(app.context.findResource(Users)).toBeUndefined();
    expect(await changes(app, () => app.stopComponent('sql'))).toEqual({});
    expect(await changes(app, () => app.startComponent('sql'))).toEqual({
      sql: 'starting started ready',
      users: 'starting started ready',
    });
    expect(await changes(app, () => app.startComponent('sql'))).toEqual({});
  });

  test('a component with two stopped dependencies starts after both of them have started', async () => {
    const both = token<string>('both');
    class Both extends Component {
      @inject(Database) readonly db!: Database;
      @inject(Mailer) readonly mailer!: Mailer;
      @provides(both) make(): string {
        return 'both';
      }
    }
    @component({ components: { sql: Sql, mailer: MailerComponent, both: Both } })
    class Root extends Component {}
    await using app = await startApplication(Root);
    await app.stopComponent('sql');
    await app.stopComponent('mailer');
    await app.restart('sql');
    expect(app.context.findResource(both)).toBeUndefined();
    const failure = await errorOf(() => app.startComponent('both'));
    expect(failure.message).toMatchInlineSnapshot(`
      "Cannot start component \`both\` (Both): it depends on stopped components: \`mailer\`
        help         start its dependencies first: await application.startComponent('mailer')
        code         ERR_COMPONENT_STOPPED"
    `);
    await app.startComponent('mailer');
    expect(app.context.findResource(both)).toBe('both');
  });

  test('stopComponent() rejects with StopError if a teardown fails', async () => {
    await using app = await startApplication(App);
    trouble.undo = true;
    const failure = await errorOf(() => app.stopComponent('sql'));
    trouble.undo = false;
    expect(failure.message).toMatchInlineSnapshot(`
      "1 failure while component \`sql\` (Sql) stopped
        1. component \`sql\` (Sql), rest of database(): Error: the connection is lost
        code         ERR_STOP"
    `);
  });

  test('an unknown path is rejected with near misses', async () => {
    await using app = await startApplication(App);
    expect((await errorOf(() => app.restart('user'))).message).toMatchInlineSnapshot(`
      "The application has no component \`user\`
        help         did you mean \`users\`?
        code         ERR_UNKNOWN_COMPONENT"
    `);
    expect((await errorOf(() => app.stopComponent('nothing.like.it'))).message).toMatchInlineSnapshot(`
      "The application has no component \`nothing.like.it\`
        help         pass the aliases from the root to the component, joined by dots; asphalt graph shows them
        code         ERR_UNKNOWN_COMPONENT"
    `);
  });

  test('operations are rejected before the start and after the stop of the application', async () => {
    const app = new Application(await planApplication(App));
    const failure = await errorOf(() => app.restart('sql'));
    expect(failure).toBeInstanceOf(ApplicationStateError);
    expect(failure.message).toMatchInlineSnapshot(`
      "Cannot restart component \`sql\` (Sql): the application is initialized
        note         single components can be stopped and started only while the application is started
        help         wait for application.start()
        code         ERR_APPLICATION_STATE"
    `);
    await app.start();
    await app.stop();
    expect(await errorOf(() => app.startComponent('sql'))).toBeInstanceOf(ApplicationStateError);
  });

  test('concurrent operations run one after the other', async () => {
    await using app = await startApplication(App);
    const seen = await changes(app, () =>
      Promise.all([app.restart('users'), app.restart('sql'), app.restart('mailer')]),
    );
    expect(seen).toEqual({ users: `${restarted} ${restarted}`, sql: restarted, mailer: restarted });
  });
});

describe('an operation that no caller awaits', () => {
  const reportOf = (error: unknown): string => (error as Error).message;

  test('a failed start is reported, and the application continues', async () => {
    const { logger, lines } = recordingLogger();
    await using app = await startApplication(App, { logger });
    trouble.start = true;
    void app.restart('sql');
    await settled();
    expect(app.state).toBe('started');
    expect(lines.filter(({ level }) => level === 'error').map(({ message }) => message)).toMatchInlineSnapshot(`
      [
        "Component \`sql\` (Sql) stays stopped because its start failed
        with it      \`users\`
        1. Component \`sql\` (Sql) failed to start: Error: the server is gone
             called in    database() of component \`sql\` (Sql)
             path         App › sql (Sql)
             code         ERR_COMPONENT_START
        help         fix the cause, then start it again: await application.startComponent('sql')
        code         ERR_COMPONENT_DOWN",
      ]
    `);
    trouble.start = false;
    await app.startComponent('sql');
  });

  test('onError receives the report instead of the logger', async () => {
    const { logger, lines } = recordingLogger();
    const errors: unknown[] = [];
    await using app = await startApplication(App, { logger, onError: (error) => errors.push(error) });
    await app.stopComponent('sql');
    trouble.start = true;
    void app.startComponent('sql');
    await settled();
    expect(errors).toMatchObject([{ code: 'ERR_COMPONENT_DOWN', path: 'sql', others: ['users'] }]);
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('a failed stop is reported', async () => {
    const errors: unknown[] = [];
    await using app = await startApplication(App, { onError: (error) => errors.push(error) });
    trouble.undo = true;
    void app.stopComponent('sql');
    await settled();
    expect(errors.map(reportOf)).toEqual([expect.stringContaining('the connection is lost')]);
  });

  test('an operation that the end of the application cancels is not reported', async () => {
    const errors: unknown[] = [];
    const app = await startApplication(App, { onError: (error) => errors.push(error) });
    void app.restart('sql');
    void app.restart('users');
    await app.stop();
    await settled();
    expect(errors).toEqual([]);
  });
});

test('each operation is logged with the number of other components', async () => {
  const { logger, lines } = recordingLogger();
  const app = await startApplication(App, { logger });
  await app.restart('sql');
  await app.stopComponent('users');
  await app.startComponent('users');
  await app.stop();
  expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
    'info Restarted component `sql` (Sql) and 1 other component',
    'info Stopped component `users` (UsersComponent)',
    'info Started component `users` (UsersComponent)',
  ]);
});

describe('operations while the application ends', () => {
  /** Creates a component whose first start is immediate; later starts wait for the gate. */
  function slowAgain(gate: Deferred): ComponentClass {
    let times = 0;
    return class Slow extends Component {
      override async start(abort: AbortSignal): Promise<void> {
        if (++times === 1) return;
        abort.addEventListener('abort', () => gate.reject(abort.reason));
        await gate.promise;
      }
    };
  }

  test('stop() aborts a restart in progress', async () => {
    @component({ components: { slow: slowAgain(new Deferred()) } })
    class Root extends Component {}
    const app = await startApplication(Root);
    const restart = errorOf(() => app.restart('slow'));
    await settled();
    expect(app.waiting().map(({ node }) => node.path)).toEqual(['slow']);
    await app.stop();
    const failure = await restart;
    expect(failure).toBeInstanceOf(StartCancelledError);
    expect(failure.message).toMatchInlineSnapshot(`
      "The application was stopped before component \`slow\` (Slow) had started
        code         ERR_START_CANCELLED"
    `);
    await app.finished;
    expect(app.state).toBe('stopped');
  });

  test('a crash ends the application unless its component is being stopped', async () => {
    const gate = new Deferred();
    const crash: Record<string, (error: Error) => void> = {};
    class Working extends Component {
      @task() work(): Promise<void> {
        return new Promise((_, reject) => {
          crash[this.path] = reject;
        });
      }
      override async *ready(): AsyncGenerator<void> {
        yield;
        if (this.path === 'a') await gate.promise;
      }
    }
    @component({ components: { a: Working, b: Working } })
    class Root extends Component {}
    const reported: unknown[] = [];
    const app = await startApplication(Root, { onError: (error) => reported.push(error) });
    const ended = errorOf(() => app.finished);
    const restart = errorOf(() => app.restart('a'));
    await settled();
    crash['a']!(new Error('a fails'));
    await settled();
    expect(app.state).toBe('started');
    crash['b']!(new Error('b fails'));
    gate.resolve();
    expect((await ended).message).toContain('b fails');
    await restart;
    expect(reported.map((error) => (error as Error).message).join('\n')).toContain('a fails');
  });
});

describe("a component's own limits", () => {
  test('startTimeout aborts a start that waits too long and names the awaited key', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const key = token<string>('missing');
    class Busy extends Component {
      override async start(abort: AbortSignal): Promise<void> {
        await new Promise((resolve) => {
          abort.addEventListener('abort', resolve);
        });
      }
    }
    @component({ startTimeout: 1500 })
    class Waits extends Component {
      override async start(): Promise<void> {
        await this.context.getResource(key);
      }
    }
    @component({ components: { busy: Busy, waits: Waits } })
    class Root extends Component {}
    const app = new Application(await planApplication(Root));
    const failed = errorOf(() => app.start());
    await vi.advanceTimersByTimeAsync(1500);
    const failure = await failed;
    expect(failure.message).toMatchInlineSnapshot(`
      "Exceeded the component's start limit of 1.5 s
        called in    start() of component \`waits\` (Waits)
        path         Root › waits (Waits)
        waiting for  missing
        cause        ERR_COMPONENT_TIMEOUT
        help         find out why it is slow, or raise startTimeout in its @component()
        code         ERR_COMPONENT_START"
    `);
  });

  test('startTimeout applies to each hook separately', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    @component({ startTimeout: 1000 })
    class Quick extends Component {
      override async prepare(): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, 900));
      }
      override async start(): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, 900));
      }
    }
    const app = new Application(await planApplication(Quick));
    const start = app.start();
    await vi.advanceTimersByTimeAsync(1800);
    await start;
    expect(vi.getTimerCount()).toBe(0);
    await app.stop();
  });

  test('stopTimeout abandons a hanging teardown, and the others continue', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const journal = new Journal();
    @component({ stopTimeout: 700 })
    class Hanging extends Component {
      override async *start(): AsyncGenerator<void> {
        yield;
        await new Promise(() => undefined);
      }
    }
    @component({ components: { after: journal.component('after'), hanging: Hanging } })
    class Root extends Component {
      override *start(): Generator<void, void, unknown> {
        yield* journal.hook('root');
      }
    }
    const app = await startApplication(Root);
    journal.take();
    const failed = errorOf(() => app.stop());
    await vi.advanceTimersByTimeAsync(700);
    const failure = await failed;
    expect(failure.message).toMatchInlineSnapshot(`
      "1 failure while the application stopped
        1. component \`hanging\` (Hanging): Component \`hanging\` (Hanging) did not stop within 0.7 s and was abandoned
             hanging      start()
             help         find out why these components do not finish, or raise the limit: stopTimeout (0 means no limit)
             code         ERR_STOP_TIMEOUT
        code         ERR_STOP"
    `);
    expect(journal.take()).toContain('after gone');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('stopTimeout abandons a hanging handler', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    class Feed {
      readonly news = new Signal<string>();
    }
    @component({ stopTimeout: 700 })
    class Hearing extends Component {
      @provides(Feed) feed(): Feed {
        return new Feed();
      }
      @on(Feed, (feed) => feed.news) async hear(): Promise<void> {
        await new Promise(() => undefined);
      }
    }
    const app = await startApplication(Hearing);
    app.context.getResourceSync(Feed).news.dispatch('never handled');
    const failed = errorOf(() => app.stop());
    await vi.advanceTimersByTimeAsync(700);
    expect(((await failed) as StopError).message).toMatchInlineSnapshot(`
      "2 failures while the application stopped
        1. the root component (Hearing): The root component (Hearing) did not stop within 0.7 s and was abandoned
             hanging      hear()
             help         find out why these components do not finish, or raise the limit: stopTimeout (0 means no limit)
             code         ERR_STOP_TIMEOUT
        2. the application: Context "Hearing" closed while 1 child context was open
             open         "Hearing.hear"
             help         close children first; context.run(body) does this automatically
             code         ERR_CONTEXT_LEAK
        code         ERR_STOP"
    `);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('random graphs', () => {
  /** For each component, the earlier components that it needs, and whether it looks them up dynamically. */
  const graphs = fc.integer({ min: 2, max: 30 }).chain((size) =>
    fc.record({
      needs: fc.tuple(
        ...Array.from({ length: size }, (_, index) =>
          fc.uniqueArray(fc.record({ of: fc.nat({ max: Math.max(0, index - 1) }), isDynamic: fc.boolean() }), {
            selector: ({ of }) => of,
            maxLength: index === 0 ? 0 : 3,
          }),
        ),
      ),
      operations: fc.array(
        fc.record({
          what: fc.constantFrom('restart' as const, 'stop' as const, 'start' as const),
          index: fc.nat({ max: size - 1 }),
        }),
        { minLength: 1, maxLength: 8 },
      ),
    }),
  );

  test('exactly the components without stopped dependencies run, with the current resources', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, async ({ needs, operations }) => {
        const keys = needs.map((_, index) => token<{ needs: object[] }>(`key ${index}`));
        const made = needs.map(() => 0);
        const gone = needs.map(() => 0);
        const classes = needs.map((own, index) => {
          class Node extends Component {
            @provides(keys[index]!)
            async *make(): AsyncGenerator<{ needs: object[] }> {
              made[index]!++;
              const found: object[] = [];
              for (const { of } of own) found.push(await this.context.getResource(keys[of]!));
              yield { needs: found };
              gone[index]!++;
              for (const { of } of own) expect(found).toContain(this.context.findResource(keys[of]!));
            }
          }
          own.forEach(({ of, isDynamic }) => {
            if (!isDynamic) inject(keys[of]!)(Node.prototype, `need of ${of}`);
          });
          return Node;
        });
        @component({ components: Object.fromEntries(classes.map((type, index) => [`c${index}`, type])) })
        class Root extends Component {}
        const app = await startApplication(Root);

        const held = new Set<number>();
        const runs = (index: number): boolean => !held.has(index) && needs[index]!.every(({ of }) => runs(of));
        const depends = (index: number, on: number): boolean =>
          index === on || needs[index]!.some(({ of }) => depends(of, on));
        for (const { what, index } of operations) {
          const wereRunning = needs.map((_, each) => runs(each));
          const values = keys.map((key) => app.context.findResource(key));
          if (what === 'stop') held.add(index);
          else held.delete(index);
          const operate = { stop: app.stopComponent, start: app.startComponent, restart: app.restart }[what];
          const failure = await operate.call(app, `c${index}`).then(
            () => undefined,
            (error: unknown) => error,
          );
          expect(failure instanceof ComponentStoppedError).toBe(what !== 'stop' && !runs(index));
          const now = keys.map((key) => app.context.findResource(key));
          expect(now.map((value) => value !== undefined)).toEqual(needs.map((_, each) => runs(each)));
          now.forEach((value, each) => {
            const touched = what === 'restart' && depends(each, index);
            expect(value !== undefined && value === values[each]).toBe(
              runs(each) && wereRunning[each] === true && !touched,
            );
            expect(value?.needs ?? []).toEqual(value ? needs[each]!.map(({ of }) => now[of]) : []);
          });
        }
        await app.stop();
        expect(gone).toEqual(made);
      }),
      { numRuns: 150 },
    );
  });
});
