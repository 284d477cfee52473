import { Context, token, type Token } from '@asphalt/core';
import { FactoryCycleError } from '@asphalt/core/errors';
import { Deferred, failureOf, settled } from '@asphalt/test-support';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

class Session {
  closedWith: unknown = 'open';
}
class Repository {
  constructor(readonly session: Session) {}
}

test('a context caches one value per factory, for any number of factories and after failures', async () => {
  const Item = token<object>('Item');
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('sync', 'async', 'fails', 'fails later'), { minLength: 30, maxLength: 60 }),
      fc.array(fc.nat({ max: 1000 }), { minLength: 100, maxLength: 200 }),
      async (factories, lookups) => {
        await Context.run(async (context) => {
          const made = factories.map(() => 0);
          factories.forEach((how, number) => {
            const make = (): object => {
              made[number]!++;
              // A failing factory fails only once.
              if (made[number] === 1 && how.startsWith('fails')) throw new Error('first time');
              return { number };
            };
            const isSync = how === 'sync' || how === 'fails';
            context.addResourceFactory(Item, isSync ? make : async () => make(), { name: `n${number}` });
          });
          const values = new Map<number, object>();
          for (const lookup of lookups) {
            const number = lookup % factories.length;
            const fails = made[number] === 0 && factories[number]!.startsWith('fails');
            const outcome = await context.getResource(Item, `n${number}`).catch(() => 'failed');
            expect(outcome).toEqual(fails ? 'failed' : { number });
            expect(values.get(number) ?? outcome).toBe(outcome);
            if (!fails) values.set(number, outcome as object);
          }
        });
      },
    ),
  );
});

describe('factories that depend on each other', () => {
  test('receive values of the same context, which are torn down in reverse order', async () => {
    const torn: string[] = [];
    await Context.run(async (parent) => {
      // Published in the wrong order on purpose: only the order of the lookups matters.
      parent.addResourceFactory(Repository, async function* (requesting) {
        yield new Repository(await requesting.getResource(Session));
        torn.push('repository');
      });
      parent.addResourceFactory(Session, async function* () {
        yield new Session();
        torn.push('session');
      });
      await parent.run(async (child) => {
        const [repository, session] = await Promise.all([child.getResource(Repository), child.getResource(Session)]);
        expect(repository.session).toBe(session);
        expect(session).not.toBe(await parent.getResource(Session));
      });
      expect(torn).toEqual(['repository', 'session']);
    });
  });

  test('in a cycle throw a FactoryCycleError instead of overflowing the stack', async () => {
    const [A, B, C] = [token<object>('A'), token<object>('B'), token<object>('C')];
    const context = new Context();
    context.addResourceFactory(A, async (requesting) => ({ b: await requesting.getResource(B) }));
    context.addResourceFactory(Session, () => new Session());
    context.addResourceFactory(B, (requesting) => {
      // A finished factory is not part of the cycle.
      requesting.getResourceSync(Session);
      return { c: requesting.getResourceSync(C, 'main') };
    });
    context.addResourceFactory(C, (requesting) => ({ a: requesting.findResource(A) }), { name: 'main' });
    const error = await failureOf(() => context.getResource(A));
    expect(error).toBeInstanceOf(FactoryCycleError);
    expect((error as FactoryCycleError).path.map(({ id }) => id)).toEqual([A, B, C, A]);
    await context.close();
  });

  test('in a cycle of generators throw a FactoryCycleError', () => {
    const [A, B] = [token<object>('A'), token<object>('B')];
    const context = new Context();
    context.addResourceFactory(A, function* (requesting) {
      yield { b: requesting.getResourceSync(B) };
    });
    context.addResourceFactory(B, function* (requesting) {
      yield { a: requesting.getResourceSync(A) };
    });
    expect(() => context.getResourceSync(B)).toThrow(FactoryCycleError);
  });

  test('throw a FactoryCycleError when one depends on itself', () => {
    const context = new Context();
    context.addResourceFactory(Session, (requesting) => requesting.getResourceSync(Session));
    for (let again = 0; again < 2; again++) expect(() => context.getResourceSync(Session)).toThrow(FactoryCycleError);
  });

  test('in a cycle after an await throw a FactoryCycleError, and the context can close', async () => {
    const [A, B] = [token<string>('A'), token<string>('B')];
    const context = new Context('app');
    context.addResourceFactory(A, async (requesting) => {
      await settled();
      return `a${await requesting.getResource(B)}`;
    });
    context.addResourceFactory(B, async (requesting) => {
      await settled();
      return `b${await requesting.getResource(A)}`;
    });
    // The second round finds no traces of the first one.
    for (const [id, path] of [
      [A, [A, B, A]],
      [B, [B, A, B]],
    ] as const) {
      const error = await failureOf(() => context.getResource(id));
      expect(error).toBeInstanceOf(FactoryCycleError);
      expect((error as FactoryCycleError).path.map((key) => key.id)).toEqual([path[1], path[0], path[1]]);
    }
    await context.close();
  });

  test.each([
    [
      'an async function',
      (Own: Token<object>) => async (requesting: Context) => {
        await settled();
        return { own: await requesting.getResource(Own) };
      },
    ],
    [
      'an async generator',
      (Own: Token<object>) =>
        async function* (requesting: Context) {
          await settled();
          yield { own: await requesting.getResource(Own) };
        },
    ],
  ])('%s that asks for its own value after an await throws a FactoryCycleError', async (_, makeFactory) => {
    const Own = token<object>('Own');
    const context = new Context();
    context.addResourceFactory(Own, makeFactory(Own));
    expect(await failureOf(() => context.getResource(Own))).toMatchObject({
      code: 'ERR_FACTORY_CYCLE',
      path: [{ id: Own }, { id: Own }],
    });
    await context.close();
  });

  test('in a long cycle, some of them synchronous, name every factory', async () => {
    const [A, B, C, D] = ['A', 'B', 'C', 'D'].map((name) => token<object>(name)) as [
      Token<object>,
      Token<object>,
      Token<object>,
      Token<object>,
    ];
    const context = new Context();
    context.addResourceFactory(A, async (requesting) => {
      // A factory that several others wait for is no cycle.
      await Promise.all([requesting.getResource(D), requesting.getResource(B)]);
      return {};
    });
    context.addResourceFactory(B, (requesting) => Promise.all([requesting.getResource(D), requesting.getResource(C)]));
    context.addResourceFactory(C, async (requesting) => {
      await requesting.getResource(D);
      await requesting.getResource(A);
      return {};
    });
    context.addResourceFactory(D, async () => (await settled(), {}));
    const error = await failureOf(() => context.getResource(A));
    expect((error as FactoryCycleError).path.map(({ id }) => id)).toEqual([C, A, B, C]);
    await context.close();
  });

  test.each([
    ['plain functions that return promises', (load: () => Promise<unknown>) => settled().then(load)],
    [
      'plain functions that return generators',
      async (load: () => Promise<unknown>) => {
        await settled();
        return (async function* () {
          yield await load();
        })();
      },
    ],
  ])('in a cycle of %s throw a FactoryCycleError at the first call', async (_, later) => {
    const [A, B] = [token<unknown>('A'), token<unknown>('B')];
    const context = new Context();
    context.addResourceFactory(A, (requesting) => later(() => requesting.getResource(B)));
    context.addResourceFactory(B, (requesting) => later(() => requesting.getResource(A)));
    expect(await failureOf(() => context.getResource(A))).toMatchObject({
      code: 'ERR_FACTORY_CYCLE',
      path: [{ id: B }, { id: A }, { id: B }],
    });
    await context.close();
  });

  test('receive the context itself once a call has returned a value synchronously', () => {
    const parent = new Context();
    const received: Context[] = [];
    parent.addResourceFactory(Session, (requesting) => (received.push(requesting), new Session()));
    const children = [parent.child(), parent.child()];
    for (const child of children) child.getResourceSync(Session);
    expect(received.map(({ lifetime }) => lifetime)).toEqual(children.map(({ lifetime }) => lifetime));
    expect(received[1]).toBe(children[1]);
  });

  test('receive the requesting context, and later lookups of other code in it are no cycle', async () => {
    const [A, B] = [token<object>('A'), token<object>('B')];
    const owner = new Context('owner');
    const aMade = new Deferred();
    let later: Context | undefined;
    owner.addResourceFactory(A, async (requesting) => {
      await settled();
      later = requesting;
      requesting.addResource(token<string>('extra'), 'extra');
      const child = requesting.child('inner');
      expect([child.parent, requesting.name, requesting.parent, requesting.state]).toEqual([
        request,
        'request',
        owner,
        'open',
      ]);
      await child.close();
      return {};
    });
    owner.addResourceFactory(B, async (requesting) => {
      await requesting.getResource(A);
      await aMade.promise;
      return {};
    });
    const request = owner.child('request');
    const b = request.getResource(B);
    await request.getResource(A);
    const again = later!.getResource(B);
    aMade.resolve();
    expect(await again).toBe(await b);
    await request.close();
    await owner.close();
  });

  test('can look up the value of a parent context under the same key', async () => {
    await Context.run(async (parent) => {
      const Depth = token<number>('Depth');
      parent.addResourceFactory(Depth, (requesting) =>
        requesting.parent ? requesting.parent.getResourceSync(Depth) + 1 : 0,
      );
      await parent.run((child) => child.run((grandchild) => expect(grandchild.getResourceSync(Depth)).toBe(2)));
    });
  });

  test('can be called again after a failure', async () => {
    const context = new Context();
    let broken = true;
    context.addResourceFactory(Session, () => {
      if (broken) throw new Error('down');
      return new Session();
    });
    context.addResourceFactory(Repository, (requesting) => new Repository(requesting.getResourceSync(Session)));
    expect(() => context.getResourceSync(Repository)).toThrow('down');
    broken = false;
    expect(context.getResourceSync(Repository).session).toBe(context.getResourceSync(Session));
  });
});

describe('closing a context while a factory is running', () => {
  test('waits for the value and tears it down before older teardowns', async () => {
    const context = new Context();
    const connected = new Deferred<Session>();
    const torn: string[] = [];
    context.onTeardown(() => torn.push('older'));
    context.addResourceFactory(Session, async function* () {
      yield await connected.promise;
      torn.push('session');
    });
    const asked = context.getResource(Session);
    const closed = context.close();
    await settled();
    expect(torn).toEqual([]);
    const session = new Session();
    connected.resolve(session);
    await closed;
    expect(await asked).toBe(session);
    expect(torn).toEqual(['session', 'older']);
  });

  test('succeeds when the factory fails, and only the lookup rejects', async () => {
    const context = new Context();
    const connected = new Deferred<Session>();
    context.addResourceFactory(Session, () => connected.promise);
    const asked = failureOf(() => context.getResource(Session));
    const closed = context.close();
    connected.reject(new Error('refused'));
    await closed;
    expect(await asked).toMatchObject({ message: 'refused' });
  });

  test('tears down a value that a teardown callback looks up', async () => {
    const context = new Context();
    const torn: string[] = [];
    context.addResourceFactory(Session, async function* () {
      yield new Session();
      torn.push('session');
    });
    context.onTeardown(() => torn.push('older'));
    context.onTeardown(async () => {
      await context.getResource(Session);
      torn.push('asked');
    });
    await context.close();
    expect(torn).toEqual(['asked', 'session', 'older']);
  });

  test('tears down a value that a teardown callback looks up without awaiting it', async () => {
    const context = new Context();
    const torn: string[] = [];
    context.addResourceFactory(Session, async function* () {
      await settled();
      yield new Session();
      torn.push('session');
    });
    context.onTeardown(() => void context.getResource(Session));
    await context.close();
    expect(torn).toEqual(['session']);
  });
});
