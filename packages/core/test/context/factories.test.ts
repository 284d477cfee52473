import { describe, expect, test } from 'vitest';
import { Context } from '../../src/context/context.ts';
import type { Made } from '../../src/context/context-options.ts';
import { AsyncResourceError } from '../../src/context/errors.ts';
import { token } from '../../src/context/key.ts';
import { failureOf, summaryOf } from '../errors/failure-of.ts';
import { settled } from './held.ts';

class Session {
  closedWith: unknown = 'open';
}
class Repository {
  constructor(readonly session: Session) {}
}

/** Every shape that a factory may have; each makes a session, and those that can, close it. */
const shapes: Record<string, { make: (asking: Context) => Made<Session>; sync: boolean; closes: boolean }> = {
  plain: { make: () => new Session(), sync: true, closes: false },
  async: { make: async () => new Session(), sync: false, closes: false },
  generator: {
    *make() {
      const session = new Session();
      session.closedWith = yield session;
    },
    sync: true,
    closes: true,
  },
  'async generator': {
    async *make() {
      const session = new Session();
      const error: unknown = yield session;
      await settled();
      session.closedWith = error;
    },
    sync: false,
    closes: true,
  },
  'promise of a generator': {
    make: async () =>
      (function* () {
        const session = new Session();
        session.closedWith = yield session;
      })() as never,
    sync: false,
    closes: true,
  },
  'promise of an async generator': {
    make: async () =>
      (async function* () {
        const session = new Session();
        session.closedWith = yield session;
      })() as never,
    sync: false,
    closes: true,
  },
  'onTeardown of the asking context': {
    make(asking) {
      const session = new Session();
      asking.onTeardown((error) => {
        session.closedWith = error;
      });
      return session;
    },
    sync: true,
    closes: true,
  },
};

describe.each(Object.entries(shapes))('a factory that is %s', (_, { make, sync }) => {
  test('makes one value per context that asks, once', async () => {
    let calls = 0;
    await Context.run(async (parent) => {
      parent.addResourceFactory(Session, (asking) => (calls++, make(asking)));
      const own = await parent.getResource(Session);
      expect(own).toBeInstanceOf(Session);
      await parent.run(async (child) => {
        const other = await child.getResource(Session);
        expect(other).not.toBe(own);
        expect(await child.getResource(Session)).toBe(other);
        expect(child.getResourceSync(Session)).toBe(other);
        await child.run(async (grandchild) => expect(await grandchild.getResource(Session)).not.toBe(other));
      });
      expect(parent.getResourceSync(Session)).toBe(own);
      expect(calls).toBe(3);
    });
  });

  test('makes one value for those who ask at the same time', async () => {
    let calls = 0;
    await Context.run(async (context) => {
      context.addResourceFactory(Session, (asking) => (calls++, make(asking)));
      const values = await Promise.all([
        context.getResource(Session),
        context.getResource(Session),
        context.getResource(Session),
      ]);
      expect(new Set(values).size).toBe(1);
      expect(calls).toBe(1);
    });
  });

  test(`${sync ? 'can' : 'cannot'} be looked up at once before its value is there`, async () => {
    await Context.run(async (context) => {
      context.addResourceFactory(Session, make);
      const outcomes = [
        () => context.getResourceSync(Session),
        () => context.findResource(Session),
        () => [...context.getResources(Session).values()][0] ?? 'none',
      ].map((look) => {
        try {
          return look();
        } catch (error) {
          return error;
        }
      });
      const session = await context.getResource(Session);
      const notYet = expect.any(AsyncResourceError) as unknown;
      expect(outcomes).toEqual(sync ? [session, session, session] : [notYet, notYet, 'none']);
      expect(context.getResourceSync(Session)).toBe(session);
    });
  });
});

describe.each(Object.entries(shapes).filter(([, { closes }]) => closes))('a factory that is %s', (_, { make }) => {
  test('tears its value down when the context that asked closes, with the error that ended it', async () => {
    const failure = new Error('request failed');
    await Context.run(async (parent) => {
      parent.addResourceFactory(Session, make);
      const [failed, clean] = [parent.child(), parent.child()];
      const [one, two, own] = [
        await failed.getResource(Session),
        await clean.getResource(Session),
        await parent.getResource(Session),
      ];
      await failed.close(failure);
      await clean.close();
      expect([one.closedWith, two.closedWith, own.closedWith]).toEqual([failure, undefined, 'open']);
    });
  });
});

describe('dispose', () => {
  const makers: Record<string, () => Made<Session>> = {
    plain: () => new Session(),
    async: async () => new Session(),
    generator: function* () {
      yield new Session();
    },
    'async generator': async function* () {
      yield new Session();
    },
  };

  test.each(Object.entries(makers))(
    'is called for each value of a factory that is %s, when the context that asked closes',
    async (_, make) => {
      const failure = new Error('request failed');
      const parent = new Context();
      const dispose = async (session: Session, error?: unknown): Promise<void> => {
        await settled();
        session.closedWith = error;
      };
      parent.addResourceFactory(Session, make, { dispose });
      const [one, two] = [parent.child(), parent.child()];
      const [first, second] = [await one.getResource(Session), await two.getResource(Session)];
      await one.close(failure);
      expect([first.closedWith, second.closedWith]).toEqual([failure, 'open']);
      await two.close();
      expect(second.closedWith).toBeUndefined();
      await parent.close();
    },
  );

  test('comes after the rest of a generator, and its failure names the resource', async () => {
    const events: string[] = [];
    const context = new Context('app');
    context.addResourceFactory(
      Session,
      function* () {
        yield new Session();
        events.push('rest');
      },
      { name: 'main', dispose: () => Promise.reject(new Error(events.push('dispose') === 2 ? 'stuck' : 'too early')) },
    );
    context.getResourceSync(Session, 'main');
    const error = await failureOf(() => context.close());
    expect((error as Error).message).toContain('1. dispose of Session "main": Error: stuck');
    expect(events).toEqual(['rest', 'dispose']);
  });

  test('is not called for what was never made, nor for nothing', async () => {
    const disposed: unknown[] = [];
    const context = new Context();
    const dispose = (value: unknown): number => disposed.push(value);
    context.addResourceFactory(Session, () => new Session(), { dispose });
    context.addResourceFactory(Repository, () => null as never, { dispose });
    await failureOf(() => context.getResource(Repository));
    await context.close();
    expect(disposed).toEqual([]);
  });
});

describe('failure', () => {
  const failing: Record<string, (fail: () => boolean) => Made<Session>> = {
    plain: (fail) => {
      if (fail()) throw new Error('refused');
      return new Session();
    },
    async: async (fail) => {
      if (fail()) throw new Error('refused');
      return new Session();
    },
    generator: function* (fail) {
      if (fail()) throw new Error('refused');
      yield new Session();
    },
    'async generator': async function* (fail) {
      if (fail()) throw new Error('refused');
      yield new Session();
    },
  };

  test.each(Object.entries(failing))(
    'of a factory that is %s is told to all who asked, and not remembered',
    async (_, make) => {
      const context = new Context();
      let calls = 0;
      context.addResourceFactory([Session, Repository as never], () => make(() => ++calls <= 2));
      const asked = [context.getResource(Session), context.getResource(Session)];
      expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      // Those who ask at the same time share a call only where there is something to wait for.
      while (calls < 2) await failureOf(() => context.getResource(Repository));
      expect(calls).toBe(2);
      expect(await context.getResource(Session)).toBe(context.getResourceSync(Repository as never));
      expect(calls).toBe(3);
      await context.close();
    },
  );

  test('leaves what others made meanwhile, at once or later', async () => {
    const [First, Second, Third] = [token<object>('First'), token<object>('Second'), token<object>('Third')];
    const context = new Context();
    const refused = new Error('refused');
    let isRefused = true;
    context.addResourceFactory(First, () => ({}));
    context.addResourceFactory(Second, (asking) => {
      asking.getResourceSync(First);
      if (isRefused) throw refused;
      return {};
    });
    context.addResourceFactory(Third, async (asking) => {
      await settled();
      asking.getResourceSync(First);
      if (isRefused) throw refused;
      return {};
    });
    const later = context.getResource(Third);
    expect(await failureOf(() => context.getResource(Second))).toBe(refused);
    const first = context.getResourceSync(First);
    expect(await failureOf(() => later)).toBe(refused);
    expect(context.getResourceSync(First)).toBe(first);
    isRefused = false;
    const [second, third] = [context.getResourceSync(Second), await context.getResource(Third)];
    expect([First, Second, Third].map((id) => context.getResourceSync(id))).toEqual([first, second, third]);
    expect(new Set([first, second, third]).size).toBe(3);
    await context.close();
  });

  test('that nobody waits for any more is no unhandled rejection', async () => {
    const context = new Context();
    context.addResourceFactory(Session, async () => Promise.reject(new Error('too late')));
    expect(() => context.findResource(Session)).toThrow('made asynchronously');
    await settled();
    await context.close();
  });

  test.each([
    ['null', () => null],
    ['undefined', async () => undefined],
    [
      'null',
      function* () {
        yield null;
      },
    ],
    [
      'undefined',
      async function* () {
        yield undefined;
      },
    ],
    ['undefined', function* () {}],
    ['undefined', async function* () {}],
  ])('is also to give %s', async (given, make) => {
    const context = new Context();
    context.addResourceFactory(Session, make as never, { name: 'main' });
    expect(await summaryOf(() => context.getResource(Session, 'main'))).toBe(
      `The factory of \`Session "main"\` gave ${given} where a \`Session\` was expected`,
    );
    await context.close();
  });

  test('what a factory had put on the teardown stack before it failed is torn down', async () => {
    const context = new Context();
    const torn: string[] = [];
    context.addResourceFactory(Session, async (asking) => {
      asking.onTeardown(() => torn.push('connection'));
      throw new Error('refused');
    });
    await failureOf(() => context.getResource(Session));
    await failureOf(() => context.getResource(Session));
    await context.close();
    expect(torn).toEqual(['connection', 'connection']);
  });

  test('a generator that yields twice is left through its `finally`', async () => {
    for (const make of [
      function* (left: string[]) {
        try {
          yield new Session();
          yield new Session();
          left.push('never');
        } finally {
          left.push('sync');
        }
      },
      async function* (left: string[]) {
        try {
          yield new Session();
          yield new Session();
          left.push('never');
        } finally {
          left.push('async');
        }
      },
    ]) {
      const left: string[] = [];
      await Context.run(async (context) => {
        context.addResourceFactory(Session, () => make(left));
        await context.getResource(Session);
      });
      expect(left).toHaveLength(1);
      expect(left).not.toContain('never');
    }
  });
});
