import { Context, TeardownError, token } from '@asphalt/core';
import { ContextLeakError } from '@asphalt/core/errors';
import { failureOf, settled } from '@asphalt/test-support';
import fc from 'fast-check';
import { Subject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { isYielding, TeardownStack, type Teardown } from '../../src/context/teardown.ts';

const Port = token<number>('Port');

/** A callback: its result, and the callbacks that it adds. */
interface Callback {
  readonly name: string;
  readonly how: 'sync' | 'async' | 'throws' | 'rejects';
  readonly adds: readonly Callback[];
}

const { callback } = fc.letrec<{ callback: Callback }>((tie) => ({
  callback: fc.record({
    name: fc.uuid(),
    how: fc.constantFrom('sync', 'async', 'throws', 'rejects'),
    adds: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('callback'), { maxLength: 3 })),
  }),
}));

describe('the teardown order', () => {
  test('is last in, first out; callbacks added during teardown run next, and failures do not stop it', async () => {
    const expected = (callbacks: readonly Callback[]): Callback[] =>
      callbacks.toReversed().flatMap((each) => [each, ...expected(each.adds)]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(callback, { maxLength: 6 }),
        fc.option(fc.constant(new Error('body'))),
        async (callbacks, endedBy) => {
          const context = new Context();
          const ran: string[] = [];
          let running = 0;
          const add = ({ name, how, adds }: Callback): void =>
            context.onTeardown((error) => {
              expect(error).toBe(endedBy ?? undefined);
              expect(running).toBe(0);
              ran.push(name);
              adds.forEach(add);
              if (how === 'throws') throw name;
              if (how === 'sync') return undefined;
              running++;
              return Promise.resolve().then(() => {
                running--;
                if (how === 'rejects') throw name;
              });
            });
          callbacks.forEach(add);
          const order = expected(callbacks);
          const failed = order.filter(({ how }) => how === 'throws' || how === 'rejects').map(({ name }) => name);
          const error = await context.close(endedBy ?? undefined).catch((thrown: unknown) => thrown);
          expect(ran).toEqual(order.map(({ name }) => name));
          const { errors, endedBy: reported } = (error ?? { errors: [] }) as Partial<TeardownError>;
          expect(errors).toEqual(failed);
          expect(reported).toBe(failed.length === 0 ? undefined : (endedBy ?? undefined));
        },
      ),
    );
  });

  test('interleaves callbacks, disposals, generators, tasks and subscriptions', async () => {
    const events: string[] = [];
    const context = new Context();
    const ticks = new Subject<number>();
    context.onTeardown(() => events.push('callback'));
    context.addResource(Port, 1, { dispose: (port) => void events.push(`dispose ${port}`) });
    context.addResourceFactory(
      Port,
      function* () {
        yield 2;
        events.push('generator');
      },
      { name: 'made' },
    );
    context.getResourceSync(Port, 'made');
    ticks.pipe(context.until()).subscribe({ complete: () => events.push('until') });
    context.startServiceTask(
      (abort) =>
        new Promise<void>((resolve) => abort.addEventListener('abort', () => (events.push('task'), resolve()))),
      { name: 'task' },
    );
    context.onTeardown(() => events.push('last'));
    await context.close();
    expect(events).toEqual(['last', 'task', 'until', 'generator', 'dispose 1', 'callback']);
  });
});

test('a removed teardown does not run, whatever its position and whenever it is removed', async () => {
  const step = fc.oneof(
    fc.record({ what: fc.constant('add' as const), removes: fc.option(fc.nat()) }),
    fc.record({ what: fc.constant('remove' as const), which: fc.nat() }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const stack = new TeardownStack();
      const added: Teardown[] = [];
      let expected: number[] = [];
      const removals = new Map<number, number>();
      const ran: number[] = [];
      for (const each of steps) {
        if (each.what === 'remove') {
          if (added.length === 0) continue;
          const which = each.which % added.length;
          stack.remove(added[which]!);
          expected = expected.filter((number) => number !== which);
          continue;
        }
        const number = added.length;
        if (each.removes !== null) removals.set(number, each.removes);
        const undo = (): void => {
          ran.push(number);
          if (each.removes !== null) stack.remove(added[each.removes % added.length]!);
        };
        added.push(stack.add(`number ${number}`, undo));
        expected.unshift(number);
      }
      const order: number[] = [];
      for (let next = expected.shift(); next !== undefined; next = expected.shift()) {
        order.push(next);
        const removed = removals.get(next);
        if (removed !== undefined) expected = expected.filter((number) => number !== removed % added.length);
      }
      await stack.unwind({ endedBy: undefined, failures: [] });
      expect(ran).toEqual(order);
      expect(stack.isEmpty).toBe(true);
    }),
  );
});

describe('while a context closes', () => {
  test('resources can be looked up and published, and the published ones are disposed of', async () => {
    const context = new Context();
    context.addResource(Port, 1);
    const disposed: unknown[] = [];
    context.onTeardown(async () => {
      expect(context.state).toBe('closing');
      expect(await context.getResource(Port)).toBe(1);
      context.addResource(Port, 2, { name: 'late', dispose: (port, error) => void disposed.push(port, error) });
      await context.run((child) => expect(child.getResourceSync(Port, 'late')).toBe(2));
    });
    const end = new Error('end');
    await context.close(end);
    expect(disposed).toEqual([2, end]);
  });

  test('a second close() rejects, and the first continues', async () => {
    const context = new Context('app');
    const events: string[] = [];
    context.onTeardown(() => events.push('older'));
    context.onTeardown(() => context.close());
    const error = await failureOf(() => context.close());
    expect(error).toMatchObject({ errors: [{ summary: 'Cannot close context "app": it is closing' }] });
    expect(events).toEqual(['older']);
    expect(context.state).toBe('closed');
  });
});

describe('errors', () => {
  test('of all teardowns are collected in one TeardownError, and every teardown runs', async () => {
    const context = new Context('app');
    const [one, two] = [new Error('one'), new Error('two')];
    const ran: string[] = [];
    context.onTeardown(() => ran.push('first'));
    context.onTeardown(function closePool() {
      throw one;
    });
    context.addResource(Port, 1, { dispose: async () => Promise.reject(two) });
    context.onTeardown(() => {
      throw undefined;
    });
    const error = await failureOf(() => context.close());
    expect(error).toBeInstanceOf(TeardownError);
    expect(error).toMatchObject({ errors: [undefined, two, one], endedBy: undefined, context: 'app' });
    expect(ran).toEqual(['first']);
  });

  test('of the body are rethrown unchanged, and teardown callbacks receive them', async () => {
    const failure = new Error('body');
    for (const run of [
      (body: (context: Context) => unknown) => Context.run(body),
      (body: (context: Context) => unknown) => new Context().run(body),
    ]) {
      const received: unknown[] = [];
      const thrown = await failureOf(() =>
        run(async (context) => {
          context.onTeardown((error) => received.push(error));
          context.onTeardown(async (error) => received.push(error));
          throw failure;
        }),
      );
      expect(thrown).toBe(failure);
      expect(received).toEqual([failure, failure]);
    }
  });

  test('of the body and of its teardown are combined in a TeardownError', async () => {
    const [body, teardown] = [new Error('body'), new Error('teardown')];
    const thrown = await failureOf(() =>
      Context.run((context) => {
        context.onTeardown(() => {
          throw teardown;
        });
        throw body;
      }),
    );
    expect(thrown).toBeInstanceOf(TeardownError);
    expect(thrown).toMatchObject({ errors: [teardown], endedBy: body, cause: teardown });
  });

  test('reach the teardown callbacks even if the body threw undefined or null', async () => {
    for (const nothing of [undefined, null]) {
      const received: unknown[] = [];
      const thrown = await Context.run((context) => {
        context.onTeardown((error) => received.push(error));
        throw nothing;
      }).then(
        () => 'succeeded',
        (error: unknown) => error,
      );
      expect(thrown).toBe(nothing);
      expect(received).toEqual([expect.objectContaining({ message: `the body threw ${nothing}` })]);
    }
  });

  test('of the teardown reject run() although the body succeeded', async () => {
    expect(
      await Context.run(async (context) => (context.onTeardown((error) => expect(error).toBeUndefined()), 'result')),
    ).toBe('result');
    await expect(Context.run((context) => context.onTeardown(() => Promise.reject(new Error('late'))))).rejects.toThrow(
      TeardownError,
    );
  });

  test('count the children that were left open, and every teardown runs', async () => {
    const context = new Context('app');
    let ran = 0;
    context.onTeardown(() => ran++);
    const [left] = [context.child('import'), context.child('upload')];
    await context.run(() => {});
    const error = await failureOf(() => context.close());
    expect((error as TeardownError).message).toContain('open         "import", "upload"');
    expect(error).toMatchObject({ errors: [expect.any(ContextLeakError)] });
    expect((error as TeardownError).errors[0]).toMatchObject({ context: 'app', openChildren: 2 });
    expect(ran).toBe(1);
    await left.close();
  });
});

describe('await using', () => {
  test('closes the context when the block is left', async () => {
    const events: unknown[] = [];
    {
      await using context = new Context();
      context.onTeardown((error) => events.push(error));
      events.push('body');
    }
    expect(events).toEqual(['body', undefined]);
  });

  test('closes the context after an error, and throws both errors if teardown fails too', async () => {
    const [body, teardown] = [new Error('body'), new Error('teardown')];
    const received: unknown[] = [];
    const error = await failureOf(async () => {
      await using context = new Context();
      context.onTeardown(() => Promise.reject(teardown));
      context.onTeardown((endedBy) => received.push(endedBy));
      throw body;
    });
    expect(error).toMatchObject({ name: 'SuppressedError', suppressed: body, error: { errors: [teardown] } });
    expect(received).toEqual([undefined]);
  });
});

describe('unwindTo()', () => {
  test('runs the teardowns above a mark, collects their errors and leaves the context open', async () => {
    const context = new Context();
    const events: string[] = [];
    context.onTeardown(() => events.push('below'));
    const mark = context.lifetime.teardowns.mark;
    context.onTeardown(() => events.push('above'));
    const failure = new Error('stuck');
    context.onTeardown(function closePool() {
      throw failure;
    });
    const failures = await context.lifetime.unwindTo(mark, undefined);
    expect([events, failures, context.state]).toEqual([['above'], [{ label: 'closePool', error: failure }], 'open']);
    await context.close();
    expect(events).toEqual(['above', 'below']);
  });
});

test('isYielding() returns false for iterables and for objects that only have the tag of a generator', () => {
  class Rows implements Iterable<number> {
    *[Symbol.iterator](): Iterator<number> {
      yield 1;
    }
  }
  expect(
    [new Rows(), [1], 'text', new Map(), { next: () => undefined }, { [Symbol.toStringTag]: 'Generator' }, null].map(
      isYielding,
    ),
  ).toEqual(Array.from({ length: 7 }, () => false));
  expect([new Rows()[Symbol.iterator](), (async function* () {})()].map(isYielding)).toEqual([true, true]);
});

test('an asynchronous teardown finishes before the next one starts', async () => {
  const context = new Context();
  const events: string[] = [];
  context.onTeardown(() => events.push('second'));
  context.onTeardown(async () => {
    await settled();
    events.push('first');
  });
  await context.close();
  expect(events).toEqual(['first', 'second']);
});
