import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  Application,
  Component,
  component,
  inject,
  provides,
  token,
  type ComponentClass,
  type LifecycleEvent,
} from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import { startSummary } from '../../src/recording/chain.ts';
import { timelineOf, type Timeline } from '../../src/recording/timeline.ts';

const Sql = token<string>('Sql');
const Queue = token<string>('Queue');

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Blocks the thread. */
function block(ms: number): void {
  vi.advanceTimersByTime(ms);
}

function work(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Starts an application with the fake clock. */
async function record(root: ComponentClass): Promise<{ timeline: Timeline; summary: string }> {
  const app = new Application(await planApplication(root));
  const events: LifecycleEvent[] = [];
  app.lifecycle.subscribe((event) => void events.push(event));
  let isOver = false;
  const started = app.start().finally(() => {
    isOver = true;
  });
  while (!isOver) await vi.advanceTimersToNextTimerAsync();
  await started;
  await app.stop();
  return { timeline: timelineOf(app.plan, events), summary: startSummary(app.plan, events) };
}

/** Formats the asserted parts of a timeline as lines. */
function linesOf({ total, components, chain, spans }: Timeline): string[] {
  return [
    `total ${total}`,
    ...components.map(
      ({ path, own, slack, halfSaves }) => `${path || 'root'}: own ${own}, slack ${slack}, half saves ${halfSaves}`,
    ),
    ...chain.map(
      ({ path, steps, time, delay }) =>
        `chain: ${path || 'root'} ${steps.join('+') || 'blocked the thread'} ${time}${delay > 0 ? ` after ${delay}` : ''}`,
    ),
    ...spans
      .filter(({ beganAt, endedAt }) => endedAt > beganAt)
      .map(({ path, step, beganAt, endedAt }) => `${path || 'root'} ${step} ${beganAt}–${endedAt}`),
  ];
}

class SqlComponent extends Component {
  @provides(Sql)
  async connect(): Promise<string> {
    await work(300);
    return 'sql';
  }
}

class Mailer extends Component {
  override start(): Promise<void> {
    return work(120);
  }
}

describe('the timeline of a start', () => {
  test('contains the chain of needs, the slack and the potential savings', async () => {
    class Web extends Component {
      override start(@inject(Sql) _sql: string): Promise<void> {
        return work(80);
      }
      override ready(): Promise<void> {
        return work(20);
      }
    }
    @component({ components: { mailer: Mailer, web: Web, sql: SqlComponent } })
    class App extends Component {}
    const { timeline, summary } = await record(App);
    expect(linesOf(timeline)).toMatchInlineSnapshot(`
      [
        "total 400",
        "root: own 0, slack 0, half saves 0",
        "mailer: own 120, slack 260, half saves 0",
        "web: own 100, slack 0, half saves 50",
        "sql: own 300, slack 0, half saves 150",
        "chain: sql construct+connect 300",
        "chain: web start 80",
        "chain: root start 0",
        "chain: web ready 20",
        "mailer start 0–120",
        "sql connect 0–300",
        "web start 300–380",
        "web ready 380–400",
      ]
    `);
    expect(summary).toMatchInlineSnapshot(`"4 components in 400 ms (sql 300 ms → web 100 ms)"`);
  });

  test('contains the last progress text of a component', async () => {
    class Redis extends Component {
      override async start(): Promise<void> {
        this.context.progress('attempt 1');
        await work(100);
        this.context.progress('attempt \x1b[2J2');
        this.context.progress(undefined);
      }
    }
    @component({ components: { redis: Redis } })
    class App extends Component {}
    const { timeline } = await record(App);
    expect(timeline.components.map(({ progress }) => progress)).toEqual([undefined, 'attempt \\x1b[2J2']);
  });

  test('attributes a wait for getResource() to the publisher', async () => {
    class Worker extends Component {
      override async start(): Promise<void> {
        await work(10);
        await Promise.all([this.context.getResource(Sql), this.context.getResource(Queue)]);
        await work(30);
      }
    }
    class Broker extends Component {
      override async start(): Promise<void> {
        await work(400);
        this.context.addResource(Queue, 'queue');
        await work(15);
      }
    }
    @component({ components: { worker: Worker, broker: Broker, sql: SqlComponent } })
    class App extends Component {}
    const { timeline, summary } = await record(App);
    expect(linesOf(timeline)).toMatchInlineSnapshot(`
      [
        "total 430",
        "root: own 0, slack 0, half saves 0",
        "worker: own 40, slack 0, half saves 15",
        "broker: own 415, slack 0, half saves 100",
        "sql: own 300, slack 100, half saves 0",
        "chain: broker construct+start 400",
        "chain: worker start 30",
        "chain: root start 0",
        "worker start 0–10",
        "broker start 0–400",
        "sql connect 0–300",
        "broker start 400–415",
        "worker start 400–430",
      ]
    `);
    expect(summary).toMatchInlineSnapshot(`"4 components in 430 ms (broker 400 ms → worker 30 ms)"`);
  });

  test('contains the component that blocked the thread', async () => {
    class Greedy extends Component {
      constructor() {
        super();
        block(200);
      }
    }
    class Late extends Component {
      override start(): Promise<void> {
        return work(50);
      }
    }
    @component({ components: { greedy: Greedy, late: Late } })
    class App extends Component {}
    const { timeline, summary } = await record(App);
    expect(linesOf(timeline)).toMatchInlineSnapshot(`
      [
        "total 250",
        "root: own 0, slack 0, half saves 0",
        "greedy: own 200, slack 0, half saves 100",
        "late: own 50, slack 0, half saves 25",
        "chain: greedy blocked the thread 200",
        "chain: late construct+start 50",
        "chain: root start 0",
        "greedy construct 0–200",
        "late start 200–250",
      ]
    `);
    expect(summary).toMatchInlineSnapshot(`"3 components in 250 ms (greedy 200 ms → late 50 ms)"`);
  });

  test('names no component if the start took no time', async () => {
    class App extends Component {}
    const { timeline, summary } = await record(App);
    expect(timeline.total).toBe(0);
    expect(summary).toBe('1 component in 0.0 ms');
  });
});

/** The duration of each phase of a component, and the earlier components that it injects or looks up. */
interface Spec {
  readonly provideMs: number;
  readonly startMs: number;
  readonly continueMs: number;
  readonly injects: readonly number[];
  readonly lookups: readonly number[];
}

const specs: fc.Arbitrary<Spec[]> = fc.integer({ min: 1, max: 6 }).chain((size) =>
  fc.tuple(
    ...Array.from({ length: size }, (_, index) => {
      const takes = fc.integer({ min: 1, max: 50 }).map((half) => half * 2);
      const earlier = fc.uniqueArray(fc.nat({ max: Math.max(0, index - 1) }), { maxLength: index === 0 ? 0 : 2 });
      return fc.record({ provideMs: takes, startMs: takes, continueMs: takes, injects: earlier, lookups: earlier });
    }),
  ),
);

/** Creates an application whose components each provide a key and publish another key during `start()`. */
function applicationOf(all: readonly Spec[]): ComponentClass {
  const provided = all.map((_, index) => token<object>(`provided ${index}`));
  const published = all.map((_, index) => token<object>(`published ${index}`));
  const components = all.map(({ provideMs, startMs, continueMs, injects, lookups }, index) => {
    class Node extends Component {
      async provide(..._needs: object[]): Promise<object> {
        await work(provideMs);
        return {};
      }
      override async start(): Promise<void> {
        await Promise.all(lookups.map((other) => this.context.getResource(published[other]!)));
        await work(startMs);
        this.context.addResource(published[index]!, {});
        await work(continueMs);
      }
    }
    provides(provided[index]!)(
      Node.prototype,
      'provide',
      Object.getOwnPropertyDescriptor(Node.prototype, 'provide') as TypedPropertyDescriptor<() => Promise<object>>,
    );
    injects.forEach((other, parameter) => inject(provided[other]!)(Node.prototype as never, 'provide', parameter));
    return [`c${index}`, Node] as const;
  });
  class Root extends Component {}
  component({ components: Object.fromEntries(components) })(Root);
  return Root;
}

test('repeating a start with a change confirms the predicted slack and savings', async () => {
  const phases = ['provideMs', 'startMs', 'continueMs'] as const;
  await fc.assert(
    fc.asyncProperty(specs, fc.nat(), fc.constantFrom(...phases), async (all, number, phase) => {
      const changed = number % all.length;
      const changedBy = async (change: (spec: Spec) => Spec): Promise<number> => {
        const other = all.map((spec, index) => (index === changed ? change(spec) : spec));
        return (await record(applicationOf(other))).timeline.total;
      };
      const { timeline } = await record(applicationOf(all));
      const { total, chain, components } = timeline;
      expect(chain.reduce((sum, { time, delay }) => sum + time + delay, 0)).toBe(total);
      const { slack, halfSaves, own } = components.find(({ path }) => path === `c${changed}`)!;
      const { provideMs, startMs, continueMs } = all[changed]!;
      expect(own).toBe(provideMs + startMs + continueMs);
      expect(await changedBy((spec) => ({ ...spec, [phase]: spec[phase] + slack }))).toBe(total);
      const half = { provideMs: provideMs / 2, startMs: startMs / 2, continueMs: continueMs / 2 };
      expect(await changedBy((spec) => ({ ...spec, ...half }))).toBe(total - halfSaves);
    }),
    { numRuns: 60 },
  );
});
