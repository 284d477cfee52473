import { Context, type Made, token } from '@asphalt/core';
import { AsyncResourceError } from '@asphalt/core/errors';
import { failureOf, settled, summaryOf } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';

class Session {
  closedWith: unknown = 'open';
}
class Repository {
  constructor(readonly session: Session) {}
}

/** Every shape of factory. Each creates a session, and those with a teardown close it. */
const shapes: Record<string, { make: (requesting: Context) => Made<Session>; sync: boolean; closes: boolean }> = {
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
  'a function that calls onTeardown': {
    make(requesting) {
      const session = new Session();
      requesting.onTeardown((error) => {
        session.closedWith = error;
      });
      return session;
    },
    sync: true,
    closes: true,
  },
};

describe.each(Object.entries(shapes))('a factory that is %s', (_, { make, sync }) => {
  test('is called once per requesting context', async () => {
    let calls = 0;
    await Context.run(async (parent) => {
      parent.addResourceFactory(Session, (requesting) => (calls++, make(requesting)));
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

  test('is called once for concurrent lookups', async () => {
    let calls = 0;
    await Context.run(async (context) => {
      context.addResourceFactory(Session, (requesting) => (calls++, make(requesting)));
      const values = await Promise.all([
        context.getResource(Session),
        context.getResource(Session),
        context.getResource(Session),
      ]);
      expect(new Set(values).size).toBe(1);
      expect(calls).toBe(1);
    });
  });

  test(`${sync ? 'creates its value' : 'throws'} on a synchronous lookup before its value exists`, async () => {
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
  test('tears down its value when the requesting context closes, with the error that ended it', async () => {
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
    'is called for each value of a factory that is %s, when the requesting context closes',
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

  test('runs after the rest of a generator, and its failure names the resource', async () => {
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

  test('is not called for a value that was never created, or for null', async () => {
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

describe('a failure', () => {
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
    'of a factory that is %s rejects all lookups and is not cached',
    async (_, make) => {
      const context = new Context();
      let calls = 0;
      context.addResourceFactory([Session, Repository as never], () => make(() => ++calls <= 2));
      const asked = [context.getResource(Session), context.getResource(Session)];
      expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      // Concurrent lookups share a call only if the factory is asynchronous.
      while (calls < 2) await failureOf(() => context.getResource(Repository));
      expect(calls).toBe(2);
      expect(await context.getResource(Session)).toBe(context.getResourceSync(Repository as never));
      expect(calls).toBe(3);
      await context.close();
    },
  );

  test('of a factory does not remove values that other factories created during its call', async () => {
    const [First, Second, Third] = [token<object>('First'), token<object>('Second'), token<object>('Third')];
    const context = new Context();
    const refused = new Error('refused');
    let isRefused = true;
    context.addResourceFactory(First, () => ({}));
    context.addResourceFactory(Second, (requesting) => {
      requesting.getResourceSync(First);
      if (isRefused) throw refused;
      return {};
    });
    context.addResourceFactory(Third, async (requesting) => {
      await settled();
      requesting.getResourceSync(First);
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

  test('that no caller awaits is not an unhandled rejection', async () => {
    const context = new Context();
    context.addResourceFactory(Session, async () => Promise.reject(new Error('too late')));
    expect(() => context.findResource(Session)).toThrow('created asynchronously');
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
  ])('is raised for a factory that returns or yields %s', async (given, make) => {
    const context = new Context();
    context.addResourceFactory(Session, make as never, { name: 'main' });
    expect(await summaryOf(() => context.getResource(Session, 'main'))).toBe(
      `The factory of \`Session "main"\` returned ${given} instead of a \`Session\``,
    );
    await context.close();
  });

  test('of a factory does not remove the teardowns that it added before', async () => {
    const context = new Context();
    const torn: string[] = [];
    context.addResourceFactory(Session, async (requesting) => {
      requesting.onTeardown(() => torn.push('connection'));
      throw new Error('refused');
    });
    await failureOf(() => context.getResource(Session));
    await failureOf(() => context.getResource(Session));
    await context.close();
    expect(torn).toEqual(['connection', 'connection']);
  });

  test('a generator that yields twice runs only its `finally` after the second yield', async () => {
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
