/** Invariants of health reports under random calls, state changes, durations of checks and times. */
import { Deferred, settled } from '@asphalt/test-support';
import { component, Component, health, startApplication, type Context, type HealthReport } from '@asphalt/core';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

type Action =
  | { readonly type: 'call'; readonly purpose: 'ready' | 'live' }
  | { readonly type: 'advance'; readonly ms: number }
  | { readonly type: 'end'; readonly fails: boolean }
  | { readonly type: 'restart' };

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('call'), purpose: fc.constantFrom('ready', 'live') }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('advance'), ms: fc.constantFrom(1, 500, 999, 1000, 2500) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('end'), fails: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('restart') }) },
);

/** The latest report about one purpose, as the model expects it to be shared. */
interface Latest {
  readonly report: Promise<HealthReport>;
  readonly restarts: number;
  endedAt: number | undefined;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});

afterEach(() => {
  vi.useRealTimers();
});

async function play(actions: readonly Action[]): Promise<void> {
  const calls: Array<{ readonly gate: Deferred; readonly context: Context }> = [];
  let running = 0;
  const check = async (context: Context): Promise<void> => {
    running++;
    expect(running).toBe(1);
    const gate = new Deferred();
    calls.push({ gate, context });
    try {
      await gate.promise;
    } finally {
      running--;
    }
  };

  class Checked extends Component {
    @health() async ping(_abort: AbortSignal, context: Context): Promise<void> {
      await check(context);
    }
  }
  class Other extends Component {}
  @component({ components: { checked: Checked, other: Other } })
  class App extends Component {}

  const app = await startApplication(App);
  const latest = new Map<string, Latest>();
  const reports: Array<Promise<HealthReport>> = [];
  let restarts = 0;

  const call = (purpose: 'ready' | 'live'): void => {
    const report = app.health({ for: purpose });
    const known = latest.get(purpose);
    const isShared =
      known?.restarts === restarts && (known.endedAt === undefined || performance.now() - known.endedAt < 1000);
    expect(report === known?.report).toBe(isShared);
    if (isShared) return;
    const entry: Latest = { report, restarts, endedAt: undefined };
    void report.then(() => (entry.endedAt = performance.now()));
    latest.set(purpose, entry);
    reports.push(report);
  };

  for (const each of actions) {
    if (each.type === 'call') call(each.purpose);
    else if (each.type === 'advance') await vi.advanceTimersByTimeAsync(each.ms);
    else if (each.type === 'restart') {
      await app.restart('other');
      restarts++;
    } else {
      const { gate } = calls.at(-1) ?? { gate: new Deferred() };
      if (each.fails) gate.reject(new Error('away'));
      else gate.resolve();
    }
    await settled();
  }

  // At the limit, every report is complete and every context is closed, although methods may still be running.
  await vi.advanceTimersByTimeAsync(2000);
  for (const { status, checks } of await Promise.all(reports)) {
    expect(checks.every((each) => (each.reason === undefined) === (each.status === 'up'))).toBe(true);
    expect(status === 'up').toBe(checks.every((each) => each.status === 'up'));
  }
  expect(calls.map(({ context }) => context.state)).toEqual(calls.map(() => 'closed'));
  await app.stop();
  for (const { gate } of calls) gate.resolve();
}

test('no method runs twice at a time, reports are shared exactly while they are valid, and nothing is left', async () => {
  await fc.assert(fc.asyncProperty(fc.array(action, { maxLength: 25 }), play), { numRuns: 60 });
});
