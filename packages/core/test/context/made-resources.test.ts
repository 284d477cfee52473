import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Context } from '../../src/context/context.ts';
import { FactoryCycleError } from '../../src/context/errors.ts';
import { token } from '../../src/context/key.ts';
import { failureOf } from '../errors/failure-of.ts';
import { Held, settled } from './held.ts';

class Session {
  closedWith: unknown = 'open';
}
class Repository {
  constructor(readonly session: Session) {}
}

test('any number of factories keep their values apart, those that fail and are asked again included', async () => {
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
              // Who fails does so once.
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

describe('factories that need each other', () => {
  test('get values of the same context, which are torn down in reverse', async () => {
    const torn: string[] = [];
    await Context.run(async (parent) => {
      // Published in the wrong order on purpose: what counts is who asks whom.
      parent.addResourceFactory(Repository, async function* (asking) {
        yield new Repository(await asking.getResource(Session));
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

  test('in a ring are told so instead of overflowing the stack', async () => {
    const [A, B, C] = [token<object>('A'), token<object>('B'), token<object>('C')];
    const context = new Context();
    context.addResourceFactory(A, async (asking) => ({ b: await asking.getResource(B) }));
    context.addResourceFactory(Session, () => new Session());
    context.addResourceFactory(B, (asking) => {
      // What has been made is no part of the ring.
      asking.getResourceSync(Session);
      return { c: asking.getResourceSync(C, 'main') };
    });
    context.addResourceFactory(C, (asking) => ({ a: asking.findResource(A) }), { name: 'main' });
    const error = await failureOf(() => context.getResource(A));
    expect(error).toBeInstanceOf(FactoryCycleError);
    expect((error as FactoryCycleError).path.map(({ id }) => id)).toEqual([A, B, C, A]);
    await context.close();
  });

  test('in a ring by way of generators are told so too', () => {
    const [A, B] = [token<object>('A'), token<object>('B')];
    const context = new Context();
    context.addResourceFactory(A, function* (asking) {
      yield { b: asking.getResourceSync(B) };
    });
    context.addResourceFactory(B, function* (asking) {
      yield { a: asking.getResourceSync(A) };
    });
    expect(() => context.getResourceSync(B)).toThrow(FactoryCycleError);
  });

  test('that need themselves are told so at once', () => {
    const context = new Context();
    context.addResourceFactory(Session, (asking) => asking.getResourceSync(Session));
    for (let again = 0; again < 2; again++) expect(() => context.getResourceSync(Session)).toThrow(FactoryCycleError);
  });

  test('may ask for the value of an outer context under the same key', async () => {
    await Context.run(async (parent) => {
      const Depth = token<number>('Depth');
      parent.addResourceFactory(Depth, (asking) => (asking.parent ? asking.parent.getResourceSync(Depth) + 1 : 0));
      await parent.run((child) => child.run((grandchild) => expect(grandchild.getResourceSync(Depth)).toBe(2)));
    });
  });

  test('after a failure the same factories can be called again', async () => {
    const context = new Context();
    let broken = true;
    context.addResourceFactory(Session, () => {
      if (broken) throw new Error('down');
      return new Session();
    });
    context.addResourceFactory(Repository, (asking) => new Repository(asking.getResourceSync(Session)));
    expect(() => context.getResourceSync(Repository)).toThrow('down');
    broken = false;
    expect(context.getResourceSync(Repository).session).toBe(context.getResourceSync(Session));
  });
});

describe('closing while a factory is at work', () => {
  test('waits for the value and tears it down before anything older', async () => {
    const context = new Context();
    const connected = new Held<Session>();
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

  test('a factory that fails then fails those who asked, and closing succeeds', async () => {
    const context = new Context();
    const connected = new Held<Session>();
    context.addResourceFactory(Session, () => connected.promise);
    const asked = failureOf(() => context.getResource(Session));
    const closed = context.close();
    connected.reject(new Error('refused'));
    await closed;
    expect(await asked).toMatchObject({ message: 'refused' });
  });

  test('a value that a teardown callback asks for is torn down too', async () => {
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

  test('a value that a teardown callback asks for without waiting is torn down all the same', async () => {
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
