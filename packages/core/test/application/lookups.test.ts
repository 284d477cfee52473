import { Deferred, errorOf, settled, startUntilIdle } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import {
  Application,
  component,
  Component,
  provides,
  startApplication,
  token,
  type ComponentClass,
} from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import { Journal } from './journal.ts';

const A = token<string>('A');
const B = token<string>('B');
const C = token<string>('C');

describe('dynamic lookups', () => {
  test('a lookup waits until the key is published', async () => {
    const gate = new Deferred();
    const journal = new Journal();
    class Child1 extends Component {
      override async start(): Promise<void> {
        await gate.promise;
        journal.push('add');
        this.context.addResource(A, 'special');
      }
    }
    class Child2 extends Component {
      override async start(): Promise<void> {
        journal.push('wait');
        journal.push(await this.context.getResource(A));
      }
    }
    @component({ components: { child2: Child2, child1: Child1 } })
    class App extends Component {}
    const app = new Application(await planApplication(App));
    app.lifecycle.subscribe((event) => {
      if (event.type === 'waiting') journal.push(`${event.component.path} waits for ${String(event.key.id)}`);
    });
    const started = app.start();
    await settled();
    expect(journal.take()).toEqual(['wait', 'child2 waits for A']);
    expect(app.waiting().map(({ node, keys }) => [node.path, keys.length])).toEqual([
      ['child2', 1],
      ['child1', 0],
    ]);
    gate.resolve();
    await started;
    expect(journal.take()).toEqual(['add', 'special']);
    await app.stop();
  });

  test('a lookup waits for the right name, and also for factories', async () => {
    const gate = new Deferred();
    const seen: unknown[] = [];
    class Waiting extends Component {
      override async start(): Promise<void> {
        seen.push(await Promise.all([this.context.getResource(A, 'other'), this.context.getResource(B)]));
      }
    }
    class Source extends Component {
      override async start(): Promise<void> {
        await gate.promise;
        this.context.addResource(A, 'default');
        await settled();
        expect(seen).toEqual([]);
        this.context.addResource(A, 'named', { name: 'other' });
        this.context.addResourceFactory(B, async () => 'made');
      }
    }
    @component({ components: { waiting: Waiting, source: Source } })
    class App extends Component {}
    const { app, start } = await startUntilIdle(App);
    gate.resolve();
    await start;
    expect(seen).toEqual([['named', 'made']]);
    await app.stop();
  });

  test('optional and synchronous lookups never wait, and no lookup waits after the start', async () => {
    const codes: unknown[] = [];
    class LooksUp extends Component {
      override async start(): Promise<void> {
        codes.push(this.context.findResource(A));
        codes.push(await errorOf(() => this.context.getResourceSync(A)));
      }
      override async ready(): Promise<void> {
        codes.push(await errorOf(() => this.context.getResource(A)));
      }
    }
    const app = await startApplication(LooksUp);
    expect(codes).toMatchObject([undefined, { code: 'ERR_RESOURCE_NOT_FOUND' }, { code: 'ERR_RESOURCE_NOT_FOUND' }]);
    await app.stop();
  });

  describe('a start in which all components wait continues while other code may publish the resource', () => {
    class Waits extends Component {
      override async start(): Promise<void> {
        await this.context.getResource(A);
      }
    }
    const publishers: Record<string, (gate: Promise<void>) => ComponentClass> = {
      'a service task': (gate) =>
        class Publishing extends Component {
          override start(): void {
            this.context.startServiceTask(async () => {
              await gate;
              this.context.addResource(A, 'a');
            });
          }
        },
      'a task of a group': (gate) =>
        class Publishing extends Component {
          override start(): void {
            this.context.startTaskGroup().startTask(async () => {
              await gate;
              this.context.addResource(A, 'a');
            });
          }
        },
      'a promise that start() does not await': (gate) =>
        class Publishing extends Component {
          override start(): void {
            void gate.then(() => this.context.addResource(A, 'a'));
          }
        },
      'a component that waits and works concurrently': (gate) =>
        class Publishing extends Component {
          override async start(): Promise<void> {
            await Promise.all([
              this.context.getResource(A),
              gate.then(() => this.context.addResource(A, 'a', { name: this.alias })),
            ]);
          }
        },
    };

    test.each(Object.entries(publishers))('%s', async (_, publisherOf) => {
      const gate = new Deferred();
      @component({ components: { default: publisherOf(gate.promise), waits: Waits } })
      class App extends Component {}
      const { outcome, app } = await startUntilIdle(App, { startTimeout: 0 });
      expect(outcome).toEqual({});
      gate.resolve();
      await settled();
      expect(outcome).toEqual({ started: true });
      await app.stop();
    });
  });

  test('lookups are no deadlock while another step is running, even of the same component', async () => {
    const gate = new Deferred();
    class Both extends Component {
      @provides(A) async a(): Promise<string> {
        const [b, c] = await Promise.all([this.context.getResource(B), this.context.getResource(C)]);
        return `a of ${b}${c}`;
      }
      @provides(token<number>('Slow')) async slow(): Promise<number> {
        await gate.promise;
        this.context.addResource(B, 'b');
        this.context.addResource(C, 'c');
        return 1;
      }
    }
    const { outcome, app } = await startUntilIdle(Both, { startTimeout: 0 });
    expect(outcome).toEqual({});
    gate.resolve();
    await settled();
    expect(outcome).toEqual({ started: true });
    expect(app.context.getResourceSync(A)).toBe('a of bc');
    await app.stop();
  });

  test('lookups reject with the reason of an aborted start and add no failures', async () => {
    const gate = new Deferred();
    class Bad extends Component {
      override async start(): Promise<void> {
        await gate.promise;
        throw new Error('bad');
      }
    }
    const reasons: unknown[] = [];
    class Waiting extends Component {
      override async start(): Promise<void> {
        try {
          await this.context.getResource(A);
        } catch (reason) {
          reasons.push(reason);
          throw reason;
        }
      }
    }
    class WaitingAgain extends Component {
      override async start(abort: AbortSignal): Promise<void> {
        await new Promise((resolve) => abort.addEventListener('abort', resolve));
        await this.context.getResource(A);
      }
    }
    @component({ components: { bad: Bad, waiting: Waiting, again: WaitingAgain } })
    class App extends Component {}
    const { outcome, start } = await startUntilIdle(App);
    gate.resolve();
    await start;
    expect(outcome.error).toMatchObject({ code: 'ERR_COMPONENT_START', path: 'bad' });
    expect(reasons).toEqual([outcome.error]);
  });

  test('a component that looked up a resource is undone before the component that published it', async () => {
    const journal = new Journal();
    const gate = new Deferred();
    class Publishing extends Component {
      override async *start(): AsyncGenerator<void, void, unknown> {
        this.context.addResource(A, 'a');
        yield;
        journal.push('publishing undone');
      }
    }
    class Finding extends Component {
      override async *start(): AsyncGenerator<void, void, unknown> {
        await this.context.getResource(A);
        yield;
        await gate.promise;
        journal.push('finding undone');
      }
    }
    @component({ components: { finding: Finding, publishing: Publishing } })
    class App extends Component {}
    const app = await startApplication(App);
    const stopped = app.stop();
    await settled();
    expect(journal.take()).toEqual([]);
    gate.resolve();
    await stopped;
    expect(journal.take()).toEqual(['finding undone', 'publishing undone']);
  });

  test('mutual lookups do not block the stop', async () => {
    const journal = new Journal();
    const met = (publishes: typeof A, finds: typeof A): ComponentClass =>
      class Meeting extends Component {
        override async *start(): AsyncGenerator<void, void, unknown> {
          this.context.addResource(publishes, '');
          await this.context.getResource(finds);
          yield;
          journal.push(`${this.alias} undone`);
        }
      };
    @component({ components: { one: met(A, B), two: met(B, A) } })
    class App extends Component {}
    await (await startApplication(App)).stop();
    expect(journal.take().sort()).toEqual(['one undone', 'two undone']);
  });
});

describe('names of explicit publications', () => {
  test('the default name is `default` in prepare() and the name of the alias in start()', async () => {
    class Publishing extends Component {
      override prepare(): void {
        this.context.addResource(A, 'prepared');
        this.context.addResourceFactory(B, () => 'prepared');
      }
      override start(): void {
        this.context.addResource(A, 'started');
        this.context.addResourceFactory([B, C], () => 'started');
        this.context.addResource(A, 'named', { name: 'other' });
        // Lookups are never rewritten.
        expect(this.context.getResourceSync(A)).toBe('prepared');
      }
    }
    @component({ components: { 'publishing/alt': Publishing } })
    class App extends Component {}
    await using app = await startApplication(App);
    const { context } = app;
    expect(context.getResources(A)).toEqual(
      new Map([
        ['default', 'prepared'],
        ['alt', 'started'],
        ['other', 'named'],
      ]),
    );
    expect([context.getResourceSync(B), context.getResourceSync(B, 'alt')]).toEqual(['prepared', 'started']);
    expect(context.getResourceSync(C, 'alt')).toBe('started');
  });
});
