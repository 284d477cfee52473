import { Deferred, errorOf, settled } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import {
  Application,
  component,
  Component,
  inject,
  injectAll,
  provides,
  Signal,
  startApplication,
  token,
  type ComponentClass,
  type Context,
  type Deferred as DeferredNeed,
  type StopError,
} from '@asphalt/core';
import { SubscriberError } from '@asphalt/core/errors';
import { planApplication } from '@asphalt/core/inspect';
import { Journal } from './journal.ts';

const A = token<string>('A');
const B = token<string>('B');

describe('providers', () => {
  test('sync and async methods and generators are undone with the error that ended the application', async () => {
    const journal = new Journal();
    const dispose = (value: string, error?: unknown): void =>
      void journal.push(`dispose of ${value}: ${(error as Error).message}`);
    class Source extends Component {
      @provides(A, { name: 'plain', dispose }) plain(): string {
        return 'plain';
      }
      @provides(A, { name: 'promised', dispose }) async promised(): Promise<string> {
        return 'promised';
      }
      @provides(A, { name: 'generated', dispose }) *generated(): Generator<string, void, unknown> {
        const error = yield 'generated';
        journal.push(`rest of generated: ${(error as Error).message}`);
      }
      @provides(A, { name: 'streamed', dispose }) async *streamed(): AsyncGenerator<string, void, unknown> {
        const error = yield 'streamed';
        journal.push(`rest of streamed: ${(error as Error).message}`);
      }
    }
    const app = await startApplication(Source);
    expect([...app.context.getResources(A).values()].sort()).toEqual(['generated', 'plain', 'promised', 'streamed']);
    await app.stop(new Error('the end'));
    expect(journal.take().sort()).toEqual([
      'dispose of generated: the end',
      'dispose of plain: the end',
      'dispose of promised: the end',
      'dispose of streamed: the end',
      'rest of generated: the end',
      'rest of streamed: the end',
    ]);
  });

  test('a generator receives undefined at a normal end, and its value is disposed of after it has finished', async () => {
    const journal = new Journal();
    class Source extends Component {
      @provides(A, { dispose: (value) => void journal.push(`dispose of ${value}`) })
      *a(): Generator<string, void, unknown> {
        journal.push(String(yield 'a'));
      }
    }
    await (await startApplication(Source)).stop();
    expect(journal).toEqual(['undefined', 'dispose of a']);
  });

  test('a provider publishes one value under several identifiers', async () => {
    class Base {}
    class Sub extends Base {}
    class Source extends Component {
      @provides(Base, Sub) both(): Sub {
        return new Sub();
      }
    }
    await using app = await startApplication(Source);
    expect(app.context.getResourceSync(Base)).toBe(app.context.getResourceSync(Sub));
  });

  test('a provider is called once, and all components receive the same value', async () => {
    let made = 0;
    class Source extends Component {
      @provides(A) a(): string {
        return `a${++made}`;
      }
    }
    class Needy extends Component {
      @inject(A) readonly a!: string;
      @provides(B) b(): string {
        return this.a;
      }
    }
    @component({ components: { source: Source, needy: Needy, 'needy/two': Needy } })
    class App extends Component {}
    await using app = await startApplication(App);
    expect([...app.context.getResources(B)]).toEqual([
      ['default', 'a1'],
      ['two', 'a1'],
    ]);
  });

  test.each(['null', 'undefined', 'no yield'])('a provider without a value (%s) fails and is undone', async (what) => {
    const journal = new Journal();
    class Source extends Component {
      @provides(A, { dispose: () => void journal.push('must not run') })
      *a(): Generator<string, void, unknown> {
        if (what === 'no yield') return;
        yield (what === 'null' ? null : undefined) as unknown as string;
        journal.push('undone');
      }
    }
    await expect(startApplication(Source)).rejects.toMatchObject({
      phase: 'a()',
      cause: { code: 'ERR_RESOURCE_VALUE' },
    });
    expect(journal).toEqual(what === 'no yield' ? [] : ['undone']);
  });

  test('a provider whose key was already published explicitly fails and is undone without removing the other value', async () => {
    const journal = new Journal();
    class ByHand extends Component {
      override prepare(): void {
        this.context.addResource(A, 'explicit', {
          dispose: () => void journal.push(`found during disposal: ${this.context.findResource(A)}`),
        });
      }
      @provides(A) *a(): Generator<string, void, unknown> {
        yield 'provided';
        journal.push(`undone beside ${this.context.findResource(A)}`);
      }
    }
    await expect(startApplication(ByHand)).rejects.toMatchObject({ cause: { code: 'ERR_RESOURCE_CONFLICT' } });
    expect(journal).toEqual(['undone beside explicit', 'found during disposal: undefined']);
  });

  test('the value of a generator that fails during the stop is still disposed of, and both errors are reported', async () => {
    class Source extends Component {
      @provides(A, {
        dispose: () => {
          throw new Error('dispose');
        },
      })
      async *a(): AsyncGenerator<string, void, unknown> {
        yield 'a';
        throw new Error('rest');
      }
    }
    const app = await startApplication(Source);
    const failure = (await errorOf(() => app.stop())) as StopError;
    expect(failure.errors.map(({ error }) => (error as Error).message)).toEqual(['rest', 'dispose']);
    expect(app.context.state).toBe('closed');
  });

  test('a provider receives its needs and, in the other parameters, the abort signal', async () => {
    class Source extends Component {
      @provides(A) a(): string {
        return 'a';
      }
      @provides(B) b(abort: AbortSignal, @inject(A) a: string, ...rest: unknown[]): string {
        return `${abort instanceof AbortSignal} ${a} ${rest.length}`;
      }
    }
    await using app = await startApplication(Source);
    expect(app.context.getResourceSync(B)).toBe('true a 0');
  });

  test('a resource is withdrawn before its provider is undone', async () => {
    const found: unknown[] = [];
    class First extends Component {
      override async *prepare(): AsyncGenerator<void, void, unknown> {
        yield;
        found.push(this.context.findResource(A));
      }
      @provides(A) *a(): Generator<string, void, unknown> {
        yield 'a';
        found.push(this.context.findResource(A));
      }
    }
    await (await startApplication(First)).stop();
    expect(found).toEqual([undefined, undefined]);
  });
});

describe('factories', () => {
  function sourceOf(journal: Journal, dispose?: (value: string, error?: unknown) => void): ComponentClass {
    let made = 0;
    class Source extends Component {
      @provides(A, { scope: 'context', ...(dispose && { dispose }) })
      async *a(context: Context): AsyncGenerator<string, void, unknown> {
        const value = `a${++made} of ${context.name}`;
        const error = yield value;
        journal.push(`rest of ${value}: ${String(error)}`);
      }
    }
    return Source;
  }

  test('a factory creates a value per requesting context, which is undone with the error of that context', async () => {
    const journal = new Journal();
    await using app = await startApplication(sourceOf(journal));
    await app.context.run(async (context) => {
      expect(await Promise.all([context.getResource(A), context.getResource(A)])).toEqual(['a1 of one', 'a1 of one']);
    }, 'one');
    const failure = app.context.run(async (context) => {
      expect(await context.getResource(A)).toBe('a2 of two');
      throw new Error('two failed');
    }, 'two');
    await expect(failure).rejects.toThrow('two failed');
    await app.context.run(() => undefined, 'three');
    expect(journal).toEqual(['rest of a1 of one: undefined', 'rest of a2 of two: Error: two failed']);
  });

  test('dispose receives the value of a generator, not the generator', async () => {
    const journal = new Journal();
    const dispose = (value: string, error?: unknown): void =>
      void journal.push(`dispose of ${value}: ${String(error)}`);
    await using app = await startApplication(sourceOf(journal, dispose));
    await app.context.run((context) => context.getResource(A), 'one');
    expect(journal).toEqual(['rest of a1 of one: undefined', 'dispose of a1 of one: undefined']);
  });

  test('dispose receives the values of sync and async factories', async () => {
    const journal = new Journal();
    class Source extends Component {
      @provides(A, { scope: 'context', dispose: (value) => void journal.push(value) }) a(): string {
        return 'a';
      }
      @provides(B, { scope: 'context', dispose: (value) => void journal.push(value) }) async b(): Promise<string> {
        return 'b';
      }
    }
    await using app = await startApplication(Source);
    await app.context.run(async (context) => [context.getResourceSync(A), await context.getResource(B)]);
    expect(journal).toEqual(['b', 'a']);
  });

  test('a lookup rejects if the factory returns null', async () => {
    class Source extends Component {
      @provides(A, { scope: 'context', dispose: () => expect.unreachable() }) a(): string {
        return null as unknown as string;
      }
    }
    await using app = await startApplication(Source);
    await expect(app.context.run((context) => context.getResource(A))).rejects.toMatchObject({
      code: 'ERR_RESOURCE_VALUE',
    });
  });

  test('a factory receives its needs from the requesting context', async () => {
    class Source extends Component {
      @provides(A, { scope: 'context' }) async a(context: Context): Promise<string> {
        return context.name;
      }
      @provides(B, { scope: 'context' }) b(@inject(A) a: string): string {
        return `b with ${a}`;
      }
    }
    await using app = await startApplication(Source);
    expect(await app.context.run((context) => context.getResource(B), 'here')).toBe('b with here');
  });

  test('a factory is published before start() of its component runs', async () => {
    const seen: unknown[] = [];
    class Source extends Component {
      @provides(A, { scope: 'context' }) a(): string {
        return 'a';
      }
      override async start(): Promise<void> {
        seen.push(await this.context.run((context) => context.getResource(A)));
      }
    }
    await using _ = await startApplication(Source);
    expect(seen).toEqual(['a']);
  });
});

describe('explicit publications', () => {
  test('properties and parameters receive the value of an async factory that was added explicitly', async () => {
    const seen: unknown[] = [];
    @provides(A)
    class Hand extends Component {
      override start(): void {
        this.context.addResourceFactory(A, async () => 'made');
      }
    }
    class Needy extends Component {
      @inject(A) readonly a!: string;
      constructor(@inject(A) a: string) {
        super();
        seen.push(a);
      }
      override start(@inject(A) a: string): void {
        seen.push(a, this.a);
      }
    }
    @component({ components: { needy: Needy, hand: Hand } })
    class App extends Component {}
    await using _ = await startApplication(App);
    expect(seen).toEqual(['made', 'made', 'made']);
  });

  test('a resource is undone with the hook that added it, and withdrawn before a failing dispose', async () => {
    const seen: unknown[] = [];
    class Hand extends Component {
      override *prepare(): Generator<void, void, unknown> {
        this.context.onTeardown(() => void seen.push(this.context.findResource(A)));
        this.context.addResource(A, 'a', {
          dispose: () => {
            seen.push(this.context.findResource(A));
            throw new Error('dispose');
          },
        });
        yield;
      }
    }
    const app = await startApplication(Hand);
    const failure = (await errorOf(() => app.stop())) as StopError;
    expect(failure.errors).toMatchObject([{ component: 'the root component (Hand)', error: { message: 'dispose' } }]);
    expect(seen).toEqual([undefined, undefined]);
  });

  test('a component fails to start if it does not publish the resource that it declares', async () => {
    @provides(A)
    class Forgetful extends Component {
      override start(): void {}
    }
    class Needy extends Component {
      @inject(A) readonly a!: string;
    }
    @component({ components: { needy: Needy, forgetful: Forgetful } })
    class App extends Component {}
    await expect(startApplication(App)).rejects.toMatchObject({
      path: 'forgetful',
      cause: { code: 'ERR_RESOURCE_UNPUBLISHED' },
    });
  });
});

describe('injected needs', () => {
  test('an optional need without a provider is undefined', async () => {
    const seen: unknown[] = [];
    class Needy extends Component {
      @inject(A, { optional: true }) readonly a: string | undefined;
      override start(@inject(A, { optional: true }) a?: string): void {
        seen.push(this.a, a);
      }
    }
    await using _ = await startApplication(Needy);
    expect(seen).toEqual([undefined, undefined]);
  });

  test('two tokens of the same name for different function types are different keys', async () => {
    const Double = token<(value: number) => number>('function');
    const Shout = token<(value: string) => string>('function');
    class Functions extends Component {
      @provides(Double) double(): (value: number) => number {
        return (value) => 2 * value;
      }
      @provides(Shout) shout(): (value: string) => string {
        return (value) => value.toUpperCase();
      }
    }
    const got: unknown[] = [];
    @component({ components: { functions: Functions } })
    class App extends Component {
      override start(
        @inject(Double) double: (value: number) => number,
        @inject(Shout) shout: (value: string) => string,
      ) {
        got.push(double(2), shout('x'));
      }
    }
    await using _ = await startApplication(App);
    expect(got).toEqual([4, 'X']);
  });

  test('a deferred need is looked up on each use', async () => {
    const gate = new Deferred();
    const seen: unknown[] = [];
    class Needy extends Component {
      @inject(A, { deferred: true }) readonly a!: DeferredNeed<string>;
      @inject(B, { deferred: true, optional: true }) readonly b!: DeferredNeed<string | undefined>;
      override async start(): Promise<void> {
        seen.push(await errorOf(() => this.a.get()));
        gate.resolve();
      }
      override ready(): void {
        seen.push(this.a.get(), this.b.get());
      }
    }
    class Source extends Component {
      @provides(A) async a(): Promise<string> {
        await gate.promise;
        return 'a';
      }
    }
    @component({ components: { needy: Needy, source: Source } })
    class App extends Component {}
    await using _ = await startApplication(App);
    expect(seen).toMatchObject([{ code: 'ERR_RESOURCE_NOT_FOUND' }, 'a', undefined]);
  });

  test('@injectAll injects a map by name', async () => {
    class Source extends Component {
      @provides(A) a(): string {
        return this.alias;
      }
    }
    class Needy extends Component {
      @provides(B) b(@injectAll(A) all: ReadonlyMap<string, string>): string {
        return JSON.stringify([...all].sort());
      }
    }
    @component({ components: { needy: Needy, source: Source, 'source/x': Source, 'source/y': Source } })
    class App extends Component {}
    await using app = await startApplication(App);
    expect(JSON.parse(app.context.getResourceSync(B))).toEqual([
      ['default', 'source'],
      ['x', 'source/x'],
      ['y', 'source/y'],
    ]);
  });
});

describe('signals of published resources', () => {
  class Feed {
    readonly told = new Signal<string>();
  }

  test('a failing subscriber is reported with its signal, and signals complete when their resource is undone', async () => {
    class Source extends Component {
      @provides(Feed) feed(): Feed {
        return new Feed();
      }
      override start(): void {
        this.context.addResource(Feed, new Feed(), { name: 'hand' });
      }
    }
    const errors: unknown[] = [];
    const app = await startApplication(Source, { onError: (error) => errors.push(error) });
    const journal = new Journal();
    for (const [name, { told }] of app.context.getResources(Feed)) {
      told.subscribe(() => {
        throw new Error(`${name} broke`);
      });
      told.subscribe({
        next: (event) => journal.push(`${name} ${event}`),
        complete: () => journal.push(`${name} complete`),
      });
      told.dispatch('event');
    }
    await settled();
    expect(journal.take()).toEqual(['default event', 'hand event']);
    expect(errors.every((error) => error instanceof SubscriberError)).toBe(true);
    expect(errors.map((error) => (error as Error).message)).toMatchInlineSnapshot(`
      [
        "A subscriber of Feed.told failed: Error: default broke
        code         ERR_SUBSCRIBER",
        "A subscriber of Feed "hand".told failed: Error: hand broke
        code         ERR_SUBSCRIBER",
      ]
    `);
    await app.stop();
    expect(journal.take()).toEqual(['hand complete', 'default complete']);
  });

  test('a failing subscriber of application.lifecycle is reported', async () => {
    const errors: unknown[] = [];
    class App extends Component {}
    const app = new Application(await planApplication(App), { onError: (error) => errors.push(error) });
    app.lifecycle.subscribe(({ type }) => {
      if (type === 'application') throw new Error('not interested');
    });
    await app.start();
    expect((errors[0] as Error).message).toContain(
      'A subscriber of application.lifecycle failed: Error: not interested',
    );
    await app.stop();
  });
});
