/** A test of the outbox and the inbox with a broker that is down for a while. */
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

/** Registers the test. Call it once per test file. */
export function describeOutage(contract: MessagingContract): void {
  describe.skipIf(contract.unavailable)(`an outbox whose broker is down, on the ${contract.name} engine`, () => {
    const database = withDatabase('SQLite');

    test('accepts orders, and each of them has its effect once after the outage', { timeout: 60_000 }, async () => {
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
      const numbers = Array.from({ length: 60 }, (_, index) => index);
      for (const number of numbers.slice(0, 20)) await order(number);
      await broker.server!.kill();
      for (const number of numbers.slice(20, 40)) await order(number);
      await vi.waitFor(async () => expect((await app.health()).status).toBe('down'), { timeout: 10_000 });
      await broker.server!.start();
      for (const number of numbers.slice(40)) await order(number);
      await vi.waitFor(async () => expect(await charged()).toEqual(numbers), { timeout: 40_000, interval: 100 });
      await vi.waitFor(async () => expect((await app.health()).status).toBe('up'), { timeout: 10_000 });
    });
  });
}
