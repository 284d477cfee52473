/** The pool under random use: callers come and go, connections break, and attempts to connect fail. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SqlLostError } from '../../src/index.ts';
import { Pool } from '../../src/server/pool.ts';
import { Session, type Technology } from '../../src/server/session.ts';

/** The connections that the server would see. */
class FakeServer {
  /** Whether each attempt to connect succeeds; all later ones do. */
  readonly #outcomes: boolean[];
  readonly open = new Set<object>();
  readonly lost: Array<(error: Error) => void> = [];

  constructor(outcomes: readonly boolean[]) {
    this.#outcomes = [...outcomes];
  }

  readonly technology: Technology = {
    create: (lost) => {
      const connection = {};
      const close = (): void => void this.open.delete(connection);
      this.open.add(connection);
      this.lost.push((error) => {
        close();
        lost(error);
      });
      return {
        cancelStatement: '',
        connect: async () => {
          await new Promise(setImmediate);
          if (this.#outcomes.shift() === false) throw new Error('refused');
        },
        query: async () => ({ rows: [] }),
        async *stream() {},
        end: async () => close(),
        destroy: close,
      };
    },
    begin: () => [],
    isFatal: () => false,
    isConflict: () => false,
    isFull: () => false,
    classify: () => undefined,
  };
}

interface Caller {
  readonly number: number;
  session: Session | undefined;
}

/** The steps of a run. A number selects a caller or a connection. */
const step = fc.oneof(
  fc.constant({ kind: 'acquire' as const, at: 0 }),
  fc.record({ kind: fc.constant('release' as const), at: fc.nat(20) }),
  fc.record({ kind: fc.constant('break' as const), at: fc.nat(20) }),
  fc.constant({ kind: 'wait' as const, at: 0 }),
);

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
};

test('the pool never exceeds `max`, shares no connection, keeps the order of callers and loses none', async () => {
  const run = fc.asyncProperty(
    fc.integer({ min: 1, max: 4 }),
    fc.array(fc.boolean(), { maxLength: 10 }),
    fc.array(step, { maxLength: 60 }),
    async (max, outcomes, steps) => {
      const server = new FakeServer(outcomes);
      const limits = { server: 'test', min: 0, max, idleMs: 3_600_000, waitMs: 3_600_000 };
      const pool = new Pool(limits, (lost) => new Session('test', server.technology, lost));
      const holders: Caller[] = [];
      const served: number[] = [];
      const settlements: Array<Promise<void>> = [];
      let number = 0;

      const acquire = async (): Promise<void> => {
        const caller: Caller = { number: number++, session: undefined };
        try {
          caller.session = await pool.acquire();
        } catch (error) {
          if (error instanceof SqlLostError) return;
          throw error;
        }
        expect(holders.map(({ session }) => session)).not.toContain(caller.session);
        holders.push(caller);
        served.push(caller.number);
      };
      const release = (at: number): void => {
        const [holder] = holders.splice(at % Math.max(1, holders.length), 1);
        if (holder?.session) pool.release(holder.session);
      };

      for (const { kind, at } of steps) {
        if (kind === 'acquire') settlements.push(acquire());
        else if (kind === 'release') release(at);
        else if (kind === 'break') server.lost[at % Math.max(1, server.lost.length)]?.(new Error('broken'));
        else await settled();
        expect(server.open.size).toBeLessThanOrEqual(max);
        expect(pool.size).toBeLessThanOrEqual(max);
      }
      // Every caller is served or refused, if the others release their connections.
      let isDone = false;
      const done = Promise.all(settlements).then(() => (isDone = true));
      for (let turn = 0; turn < 500 && !isDone; turn++) {
        await settled();
        release(0);
      }
      expect(isDone).toBe(true);
      await done;
      expect(served).toEqual(served.toSorted((a, b) => a - b));
      while (holders.length > 0) release(0);
      await pool.close();
      expect(server.open.size).toBe(0);
    },
  );
  await fc.assert(run, { numRuns: 200 });
});
