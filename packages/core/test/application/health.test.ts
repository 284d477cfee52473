import { Deferred, recordingLogger, settled } from '@asphalt/test-support';
import {
  Application,
  child,
  component,
  Component,
  defineConfig,
  fromConfig,
  health,
  inject,
  provides,
  startApplication,
  token,
  type ComponentClass,
  type Context,
  type HealthReport,
  type Logger,
} from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Journal } from './journal.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'], now: Date.UTC(2026, 0, 1) });
});

afterEach(() => {
  vi.useRealTimers();
});

class Child extends Component {}

/** A component with one health check, which calls the given function. */
function checkedBy(check: (abort: AbortSignal, context: Context) => unknown): ComponentClass<Component> {
  class Checked extends Component {
    @health() ping(abort: AbortSignal, context: Context): unknown {
      return check(abort, context);
    }
  }
  return Checked;
}

function failing(message: string): () => never {
  return () => {
    throw new Error(message);
  };
}

/** Each check as one line. */
function linesOf({ checks }: HealthReport): string[] {
  return checks.map(({ component: path, member, status, reason }) =>
    [path, member, status, reason].filter((part) => part !== undefined).join(' | '),
  );
}

/** The time that a report is valid, and one more millisecond. */
function letExpire(): void {
  vi.advanceTimersByTime(1001);
}

describe('states', () => {
  test('an application without checks is up when it has started', async () => {
    await using app = await startApplication(Child);
    expect(await app.health()).toEqual({ status: 'up', checks: [] });
  });

  test('an application that has not started, is starting or has stopped is down', async () => {
    const gate = new Deferred();
    class Slow extends Component {
      override async start(): Promise<void> {
        await gate.promise;
      }
    }
    const app = new Application(await planApplication(Slow));
    const reasons = [await app.health()];
    const started = app.start();
    reasons.push(await app.health());
    gate.resolve();
    await started;
    expect(await app.health()).toMatchObject({ status: 'up' });
    const stopped = app.stop();
    reasons.push(await app.health());
    await stopped;
    reasons.push(await app.health());
    expect(reasons.map(({ status }) => status)).toEqual(['down', 'down', 'down', 'down']);
    expect(reasons.flatMap(linesOf)).toEqual([
      ' | down | the application is initialized',
      ' | down | the application is starting',
      ' | down | the application is stopping',
      ' | down | the application is stopped',
    ]);
  });

  test('a stop makes the application down before its first teardown runs', async () => {
    const journal = new Journal();
    class Closing extends Component {
      override *start(): Generator<void> {
        yield;
        journal.push('teardown');
      }
    }
    const app = await startApplication(Closing);
    expect(await app.health()).toMatchObject({ status: 'up' });
    const stopped = app.stop();
    const report = app.health();
    expect(journal).toEqual([]);
    expect(await report).toMatchObject({ status: 'down' });
    await stopped;
  });

  test('a component that is ready is not checked before the application has started', async () => {
    const gate = new Deferred();
    let calls = 0;
    @component({ components: { one: checkedBy(() => calls++) } })
    class App extends Component {
      override async ready(): Promise<void> {
        await gate.promise;
      }
    }
    const app = new Application(await planApplication(App));
    const started = app.start();
    await settled();
    expect(linesOf(await app.health())).toEqual([' | down | the application is starting']);
    expect(calls).toBe(0);
    gate.resolve();
    await started;
    await app.stop();
  });

  test('a stopped component is down until it starts again', async () => {
    @component({ components: { one: Child, two: Child } })
    class App extends Component {}
    await using app = await startApplication(App);
    await app.stopComponent('two');
    const report = await app.health();
    expect(report.status).toBe('down');
    expect(linesOf(report)).toEqual(['two | down | the component is stopped']);
    await app.startComponent('two');
    expect(await app.health()).toEqual({ status: 'up', checks: [] });
  });

  test('a component whose restart failed is down', async () => {
    let isBroken = false;
    class Fragile extends Component {
      override start(): void {
        if (isBroken) throw new Error('broken');
      }
    }
    @component({ components: { fragile: Fragile } })
    class App extends Component {}
    await using app = await startApplication(App, { onError: () => undefined });
    isBroken = true;
    await expect(app.restart('fragile')).rejects.toThrow('broken');
    expect(linesOf(await app.health())).toEqual(['fragile | down | the component has failed']);
  });
});

describe('methods', () => {
  test('a check is up if its method returns, and down if it throws or rejects', async () => {
    @component({
      components: {
        fine: checkedBy(() => 'ignored'),
        throws: checkedBy(failing('cannot connect')),
        rejects: checkedBy(async () => Promise.reject(new TypeError('no answer'))),
      },
    })
    class App extends Component {}
    await using app = await startApplication(App);
    const report = await app.health();
    expect(report.status).toBe('down');
    expect(linesOf(report)).toEqual([
      'fine | ping | up',
      'throws | ping | down | Error: cannot connect',
      'rejects | ping | down | TypeError: no answer',
    ]);
  });

  test('a failure of a check that is not critical makes the application degraded', async () => {
    const options = defineConfig({ required: { doc: 'Whether it is needed', format: 'boolean', default: true } });
    @component({ config: options })
    class Optional extends Component<typeof options> {
      @health({ critical: fromConfig('required') }) ping(): void {
        failing('cannot connect')();
      }
      @health({ critical: false }) cache(): void {}
    }
    @component({ components: { a: child(Optional, { required: false }) } })
    class App extends Component {}
    await using degraded = await startApplication(App);
    expect(await degraded.health()).toMatchObject({
      status: 'degraded',
      checks: [{ status: 'degraded' }, { status: 'up' }],
    });
    await using down = await startApplication(App, { config: { components: { a: { required: true } } } });
    expect(await down.health()).toMatchObject({ status: 'down' });
  });

  test('checks run concurrently, and the report has the order of declaration', async () => {
    const gates = [new Deferred(), new Deferred()];
    class App extends Component {
      @health() async first(): Promise<void> {
        await gates[0]!.promise;
      }
      @health() async second(): Promise<void> {
        await gates[1]!.promise;
        gates[0]!.resolve();
      }
    }
    await using app = await startApplication(App);
    const report = app.health();
    gates[1]!.resolve();
    expect(linesOf(await report)).toEqual([' | first | up', ' | second | up']);
  });

  test('a report about `live` contains only checks for it, and no states', async () => {
    class App extends Component {
      @health() database(): void {
        failing('away')();
      }
      @health({ for: 'live' }) loop(): void {}
    }
    @component({ components: { child: Child } })
    class WithChild extends App {}
    await using app = await startApplication(WithChild);
    await app.stopComponent('child');
    expect(linesOf(await app.health({ for: 'live' }))).toEqual([' | loop | up']);
    expect(linesOf(await app.health())).toEqual([
      'child | down | the component is stopped',
      ' | database | down | Error: away',
    ]);
  });

  test('an application that stops is live and calls no method', async () => {
    let calls = 0;
    class App extends Component {
      @health({ for: 'live' }) loop(): void {
        calls++;
      }
    }
    const app = await startApplication(App);
    await app.stop();
    expect(await app.health({ for: 'live' })).toEqual({ status: 'up', checks: [] });
    expect(calls).toBe(0);
  });

  test('the duration of a check is in whole milliseconds', async () => {
    const gate = new Deferred();
    await using app = await startApplication(checkedBy(() => gate.promise));
    const report = app.health();
    await vi.advanceTimersByTimeAsync(123.4);
    gate.resolve();
    expect(await report).toMatchObject({ checks: [{ tookMs: 123 }] });
  });

  test('a failed check is not reported to `onError`', async () => {
    const errors: unknown[] = [];
    await using app = await startApplication(checkedBy(failing('away')), { onError: (error) => errors.push(error) });
    await app.health();
    expect(errors).toEqual([]);
  });
});

describe('the context of a check', () => {
  const Session = token<string>('Session');

  class Sessions extends Component {
    static readonly journal = new Journal();
    static failure: Error | undefined;
    #opened = 0;
    @provides(Session, { scope: 'context' })
    async *session(context: Context): AsyncGenerator<string, void, unknown> {
      const error = yield `session ${++this.#opened} of ${context.name}`;
      Sessions.journal.push(error instanceof Error ? `rollback after ${error.message}` : 'commit');
      if (Sessions.failure) throw Sessions.failure;
    }
  }

  beforeEach(() => {
    Sessions.journal.take();
    Sessions.failure = undefined;
  });

  function withCheck(check: (session: string, context: Context) => unknown): ComponentClass {
    class Pinging extends Component {
      @health() ping(@inject(Session) session: string, _abort: AbortSignal, context: Context): unknown {
        return check(session, context);
      }
    }
    @component({ components: { sessions: Sessions, db: Pinging } })
    class App extends Component {}
    return App;
  }

  test('each call has its own context, which closes before the report', async () => {
    const sessions: string[] = [];
    const contexts: Context[] = [];
    await using app = await startApplication(
      withCheck((session, context) => {
        sessions.push(session);
        contexts.push(context);
      }),
    );
    await app.health();
    expect(Sessions.journal.take()).toEqual(['commit']);
    letExpire();
    await app.health();
    expect(sessions).toEqual(['session 1 of db.ping', 'session 2 of db.ping']);
    expect(contexts.map(({ state }) => state)).toEqual(['closed', 'closed']);
  });

  test('the context closes with the error of the method', async () => {
    await using app = await startApplication(withCheck(failing('no such table')));
    expect(linesOf(await app.health())).toEqual(['db | ping | down | Error: no such table']);
    expect(Sessions.journal.take()).toEqual(['rollback after no such table']);
  });

  test('a failing teardown is a failure of the check', async () => {
    Sessions.failure = new Error('cannot commit');
    await using app = await startApplication(withCheck(() => undefined));
    expect(linesOf(await app.health())).toEqual(['db | ping | down | Error: cannot commit']);
  });

  test('the reason is the error of the method if the teardown fails, too', async () => {
    Sessions.failure = new Error('cannot roll back');
    await using app = await startApplication(withCheck(failing('no such table')));
    expect(linesOf(await app.health())).toEqual(['db | ping | down | Error: no such table']);
  });

  test('at the limit the context closes although the method is still running', async () => {
    const gate = new Deferred();
    await using app = await startApplication(withCheck(() => gate.promise));
    const report = app.health();
    await vi.advanceTimersByTimeAsync(2000);
    expect(linesOf(await report)).toEqual([
      'db | ping | down | TimeoutError: The health check exceeded its limit of 2 s',
    ]);
    expect(Sessions.journal.take()).toEqual(['rollback after The health check exceeded its limit of 2 s']);
    gate.resolve();
  });
});

describe('the limit', () => {
  test('the abort signal fires at the limit, which the options set', async () => {
    const reasons: unknown[] = [];
    class App extends Component {
      @health({ timeout: 50 }) async ping(abort: AbortSignal): Promise<void> {
        await new Promise<void>((resolve) => {
          abort.addEventListener('abort', () => {
            reasons.push((abort.reason as Error).name);
            resolve();
          });
        });
      }
    }
    await using app = await startApplication(App);
    const report = app.health();
    await vi.advanceTimersByTimeAsync(49);
    expect(reasons).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(reasons).toEqual(['TimeoutError']);
    // The method has returned, but too late.
    expect(await report).toMatchObject({ status: 'down' });
  });

  test('a call that is still running after its limit is reported, and no second one starts', async () => {
    const gate = new Deferred();
    let calls = 0;
    const app = await startApplication(
      checkedBy(async () => {
        calls++;
        await gate.promise;
      }),
    );
    const first = app.health();
    await vi.advanceTimersByTimeAsync(2000);
    expect(await first).toMatchObject({ status: 'down' });
    letExpire();
    expect(linesOf(await app.health())).toEqual([' | ping | down | still running since 2026-01-01T00:00:00.000Z']);
    expect(calls).toBe(1);
    gate.resolve();
    await settled();
    letExpire();
    expect(await app.health()).toMatchObject({ status: 'up' });
    expect(calls).toBe(2);
    await app.stop();
  });

  test('the limit includes the teardown, which gets the same time once more before it is abandoned', async () => {
    const contexts: Context[] = [];
    const app = await startApplication(
      checkedBy(async (_abort, context) => {
        contexts.push(context);
        context.onTeardown(() => new Promise(() => undefined));
        await new Promise((resolve) => setTimeout(resolve, 1500));
      }),
    );
    const reports: HealthReport[] = [];
    void app.health().then((report) => reports.push(report));
    await vi.advanceTimersByTimeAsync(2000);
    expect(reports).toMatchObject([{ status: 'down' }]);
    expect(contexts.map(({ state }) => state)).toEqual(['closing']);
    await vi.advanceTimersByTimeAsync(1500);
    expect(contexts.map(({ state }) => state)).toEqual(['closed']);
    await app.stop();
  });

  test('an application stops without waiting for a method that exceeded its limit', async () => {
    const app = await startApplication(checkedBy(() => new Promise(() => undefined)));
    const report = app.health();
    await vi.advanceTimersByTimeAsync(2000);
    await report;
    await expect(app.stop()).resolves.toBeUndefined();
  });

  test('a limit longer than a timer can count is none', async () => {
    const gate = new Deferred();
    class App extends Component {
      @health({ timeout: 2 ** 31 }) async ping(): Promise<void> {
        await gate.promise;
      }
    }
    await using app = await startApplication(App);
    const report = app.health();
    await vi.advanceTimersByTimeAsync(10_000);
    gate.resolve();
    expect(await report).toMatchObject({ status: 'up' });
  });
});

describe('sharing', () => {
  test('concurrent calls share one report', async () => {
    const gate = new Deferred();
    let calls = 0;
    await using app = await startApplication(
      checkedBy(async () => {
        calls++;
        await gate.promise;
      }),
    );
    const reports = [app.health(), app.health({ for: 'ready' })];
    gate.resolve();
    const [one, other] = await Promise.all(reports);
    expect(one).toBe(other);
    expect(calls).toBe(1);
  });

  test('a report is valid for one second after its checks have ended', async () => {
    let calls = 0;
    await using app = await startApplication(checkedBy(() => calls++));
    await app.health();
    vi.advanceTimersByTime(999);
    await app.health();
    expect(calls).toBe(1);
    vi.advanceTimersByTime(1);
    await app.health();
    expect(calls).toBe(2);
  });

  test('the validity does not depend on the system clock', async () => {
    let calls = 0;
    await using app = await startApplication(checkedBy(() => calls++));
    await app.health();
    vi.setSystemTime(Date.UTC(2030, 0, 1));
    await app.health();
    expect(calls).toBe(1);
  });

  test('a state change invalidates a report at once', async () => {
    let calls = 0;
    @component({ components: { one: checkedBy(() => calls++), two: Child } })
    class App extends Component {}
    await using app = await startApplication(App);
    await app.health();
    await app.restart('two');
    await app.health();
    expect(calls).toBe(2);
  });

  test('a state change during a report starts another one, which shares the running calls', async () => {
    const gate = new Deferred();
    let calls = 0;
    const check = async (): Promise<void> => {
      calls++;
      await gate.promise;
    };
    @component({ components: { one: checkedBy(check), two: Child } })
    class App extends Component {}
    await using app = await startApplication(App);
    const first = app.health();
    await app.stopComponent('two');
    const second = app.health();
    expect(second).not.toBe(first);
    gate.resolve();
    // States are read after the checks, so both reports contain the stopped component.
    expect(linesOf(await first)).toEqual(['two | down | the component is stopped', 'one | ping | up']);
    expect(await second).toEqual(await first);
    expect(calls).toBe(1);
  });
});

describe('a check that requests the report which contains it', () => {
  test('shares the running report and is called once', async () => {
    let calls = 0;
    const own: Array<Promise<HealthReport>> = [];
    await using app = await startApplication(
      checkedBy(() => {
        if (++calls < 5) own.push(app.health());
      }),
    );
    const report = app.health();
    expect(await report).toMatchObject({ status: 'up' });
    expect(calls).toBe(1);
    expect(own).toEqual([report]);
  });

  test('is called once although it changes a state', async () => {
    let calls = 0;
    class Checked extends Component {
      @health() ping(): void {
        if (++calls > 5) return;
        void app.stopComponent('two');
        void app.health();
      }
    }
    @component({ components: { one: Checked, two: Child } })
    class App extends Component {}
    await using app = await startApplication(App);
    await app.health();
    expect(calls).toBe(1);
  });

  test('is down at its limit if it waits for the report', async () => {
    await using app = await startApplication(checkedBy(() => app.health()));
    const report = app.health();
    await vi.advanceTimersByTimeAsync(2000);
    expect(linesOf(await report)).toEqual([
      ' | ping | down | TimeoutError: The health check exceeded its limit of 2 s',
    ]);
    letExpire();
    const next = app.health();
    await vi.advanceTimersByTimeAsync(2000);
    expect(await next).toMatchObject({ status: 'down' });
  });
});

describe('a failure that cannot be described or logged', () => {
  const unreadable = Object.defineProperty(new Error('hidden'), 'message', { get: failing('no message') });
  const { proxy: revoked, revoke } = Proxy.revocable(new Error('revoked'), {});
  revoke();

  test.each([
    ['an error without a readable message', unreadable],
    ['a revoked proxy', revoked],
  ])('%s is a failed check', async (_name, thrown) => {
    await using app = await startApplication(
      checkedBy(() => {
        throw thrown;
      }),
    );
    expect(linesOf(await app.health())).toEqual([' | ping | down | threw a value that cannot be described']);
  });

  test('a logger that throws is a failed check, and the next report is a new one', async () => {
    let failure: Error | undefined = new Error('away');
    const { logger } = recordingLogger();
    const broken: Logger = { ...logger, warn: failing('disk full'), info: failing('disk full'), child: () => broken };
    const check = (): void => {
      if (failure) throw failure;
    };
    await using app = await startApplication(checkedBy(check), { logger: broken });
    expect(linesOf(await app.health())).toEqual([' | ping | down | Error: away']);
    failure = undefined;
    letExpire();
    expect(linesOf(await app.health())).toEqual([' | ping | down | Error: disk full']);
    letExpire();
    expect(linesOf(await app.health())).toEqual([' | ping | up']);
  });
});

describe('the stop', () => {
  test('a stop aborts running checks and waits until their contexts have closed', async () => {
    const journal = new Journal();
    class Resource extends Component {
      override *start(): Generator<void> {
        yield;
        journal.push('resource closed');
      }
    }
    const check = async (abort: AbortSignal, context: Context): Promise<void> => {
      context.onTeardown(async () => {
        await settled();
        journal.push('context closed');
      });
      await new Promise((resolve) => abort.addEventListener('abort', resolve));
      journal.push((abort.reason as Error).name);
      throw abort.reason;
    };
    @component({ components: { resource: Resource, one: checkedBy(check) } })
    class App extends Component {}
    const { logger, lines } = recordingLogger();
    const app = await startApplication(App, { logger });
    const report = app.health();
    await settled();
    await app.stop();
    expect(journal).toEqual(['AbortError', 'context closed', 'resource closed']);
    expect(await report).toMatchObject({ status: 'down', checks: [{ reason: 'the application is stopping' }, {}] });
    expect(lines).toEqual([]);
  });

  test('a component that a stop has just aborted is not checked', async () => {
    let calls = 0;
    @component({ components: { one: checkedBy(() => calls++) } })
    class App extends Component {}
    await using app = await startApplication(App);
    const stopped = app.stopComponent('one');
    expect(await app.health()).toMatchObject({ status: 'down', checks: [{ component: 'one' }] });
    await stopped;
    expect(calls).toBe(0);
  });

  test('a restarted component is checked again although an earlier call is still running', async () => {
    let calls = 0;
    @component({ components: { one: checkedBy(() => (++calls === 1 ? new Promise(() => undefined) : undefined)) } })
    class App extends Component {}
    await using app = await startApplication(App);
    const report = app.health();
    await vi.advanceTimersByTimeAsync(2000);
    expect(await report).toMatchObject({ status: 'down' });
    await app.restart('one');
    expect(await app.health()).toMatchObject({ status: 'up' });
    expect(calls).toBe(2);
  });
});

describe('log lines', () => {
  test('a check that fails is logged once, and once more when it is up again', async () => {
    let failure: Error | undefined = new Error('away');
    const { logger, lines } = recordingLogger();
    const check = (): void => {
      if (failure) throw failure;
    };
    @component({ components: { db: checkedBy(check) } })
    class App extends Component {}
    await using app = await startApplication(App, { logger });
    for (let round = 0; round < 3; round++) {
      await app.health();
      letExpire();
    }
    expect(lines.splice(0)).toMatchObject([{ level: 'warn', message: 'Health check ping() is down: Error: away' }]);
    failure = undefined;
    for (let round = 0; round < 2; round++) {
      await app.health();
      letExpire();
    }
    expect(lines).toMatchObject([{ level: 'info', message: 'Health check ping() is up again' }]);
  });

  test('a check that was down and is up after a restart is logged', async () => {
    let failure: Error | undefined = new Error('away');
    const { logger, lines } = recordingLogger();
    const check = (): void => {
      if (failure) throw failure;
    };
    @component({ components: { db: checkedBy(check) } })
    class App extends Component {}
    await using app = await startApplication(App, { logger });
    await app.health();
    failure = undefined;
    await app.restart('db');
    await app.health();
    expect(lines.map(({ message }) => message)).toEqual([
      'Health check ping() is down: Error: away',
      'Restarted component `db` (Checked)',
      'Health check ping() is up again',
    ]);
  });
});
