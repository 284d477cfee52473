/** A test of the outbox and the inbox with a broker that is down for a while. */
import { setTimeout as pause } from 'node:timers/promises';
import { Component, component, inject, on, provides, token } from '@asphalt/core';
import { Database, Transaction } from '@asphalt/sql';
import { describe, expect, test, vi } from 'vitest';
import { Messaging, type Delivery, type Queue } from '../src/index.ts';
import { Inbox, Outbox } from '../src/sql/index.ts';
import type { MessagingContract } from '../src/testing/index.ts';
import { brokerOf, startReplica } from '../src/testing/replica.ts';
import { withDatabase } from './sql/sql-broker.ts';

const Orders = token<Queue<number>>('Orders');

@component({})
class Worker extends Component {
  @provides(Orders)
  orders(@inject(Messaging) messaging: Messaging): Queue<number> {
    return messaging.queue('orders');
  }

  @on(Orders, (orders) => orders.messages, { concurrency: 4 })
  async charge(
    delivery: Delivery<number>,
    @inject(Transaction) transaction: Transaction,
    @inject(Inbox) inbox: Inbox,
  ): Promise<void> {
    if (!(await inbox.accept(transaction, delivery))) return;
    await transaction.insertInto('charge').values({ number: delivery.value }).execute();
  }
}

/** The least duration of the outage in milliseconds. `npm run test:crash -- outage` sets it. */
const outageMs = Number(process.env['OUTAGE_MS'] ?? 0);

/** Without pauses, orders of many seconds would need minutes afterwards. */
const pauseMs = 500;

/** Registers the test. Call it once per test file. */
export function describeOutage(contract: MessagingContract): void {
  describe.skipIf(contract.unavailable)(`an outbox whose broker is down, on the ${contract.name} engine`, () => {
    const database = withDatabase('SQLite');

    test(
      'accepts orders, and each of them has its effect once after the outage',
      { timeout: 90_000 + outageMs },
      async () => {
        const broker = await database(await brokerOf(contract));
        const { app, messaging } = await startReplica(broker, { handler: Worker, options: { lease: 1000 } });
        const db = await app.context.getResource(Database);
        await db.schema.createTable('charge').addColumn('number', 'integer').execute();
        const orders = messaging.queue<number>('orders');
        const order = async (number: number): Promise<void> => {
          await app.context.run(async (context) => {
            const outbox = await context.getResource(Outbox);
            await outbox.send(await context.getResource(Transaction), orders, number);
          });
        };
        const charged = async (): Promise<number[]> => {
          const rows = await db.selectFrom('charge').select('number').orderBy('number').execute();
          return rows.map(({ number }) => number as number);
        };
        const waiting = async (): Promise<number> =>
          (await db.selectFrom('asphalt_outbox').select('id').execute()).length;
        const numbers: number[] = [];
        const place = async (count: number): Promise<void> => {
          for (let left = count; left > 0; left--) await order(numbers.push(numbers.length) - 1);
        };
        await place(20);
        await broker.server!.kill();
        // The first report after the loss shows it, so within one interval of the probes.
        expect((await app.health()).status).toBe('down');
        const end = performance.now() + outageMs;
        do {
          await place(20);
          await pause(Math.min(pauseMs, outageMs));
        } while (performance.now() < end);
        expect(await waiting()).toBeGreaterThanOrEqual(20);
        const outbox = async () => (await app.health()).checks.find(({ component }) => component === 'outbox');
        await vi.waitFor(async () => expect(await outbox()).toMatchObject({ status: 'degraded' }), { timeout: 10_000 });
        await broker.server!.start();
        await place(20);
        await vi.waitFor(async () => expect(await charged()).toEqual(numbers), { timeout: 40_000, interval: 100 });
        await vi.waitFor(async () => expect((await app.health()).status).toBe('up'), { timeout: 10_000 });
        // Messages that are delivered again have no second effect.
        const nothing = { ready: 0, running: 0, delayed: 0, dead: 0 };
        await vi.waitFor(async () => expect(await orders.state()).toMatchObject(nothing), { timeout: 40_000 });
        expect(await charged()).toEqual(numbers);
      },
    );
  });
}
