import { Component, component, type Application } from '@asphalt/core';
import { Database, SqlComponent, Transaction } from '@asphalt/sql';
import { startTestApplication } from '@asphalt/testing';
import { postgresServer, unavailable, type TestServer } from '@asphalt/testing/servers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ChargeServiceError, OrderStatusError } from '../src/order-errors.ts';
import { OrderNews } from '../src/order-news.ts';
import type { OrderSchema } from '../src/order-schema.ts';
import { formatAmount, orderStatuses, type LaterStatus, type Order, type OrderStatus } from '../src/order.ts';
import { Orders, type Placed } from '../src/orders.ts';

@component({ components: { sql: SqlComponent } })
class DatabaseOnly extends Component {}

/** Records the announced orders. */
class RecordedNews extends OrderNews {
  readonly announced: string[] = [];

  override async announce(_transaction: Transaction, id: string): Promise<void> {
    this.announced.push(id);
  }
}

const beans = { product: 'beans', name: 'Espresso beans', quantity: 2, price: 2850 };
/** Time limit for the start and the stop of a server, on a machine with other load. */
const limitMs = 120_000;
const missing = unavailable('postgres');

describe.each(['SQLite', 'PostgreSQL'])('%s', (name) => {
  describe.skipIf(name === 'PostgreSQL' && missing)(`${missing || 'orders'}`, () => {
    let server: TestServer | undefined;
    let app: Application;
    let db: Database<OrderSchema>;
    let news: RecordedNews;
    let orders: Orders;

    beforeAll(async () => {
      if (name === 'PostgreSQL') server = await postgresServer();
      const sql = server && { url: server.url };
      app = await startTestApplication(DatabaseOnly, { config: { components: { sql } } });
      db = await app.context.getResource(Database);
      news = new RecordedNews();
      orders = await Orders.open(db, news);
    }, limitMs);
    afterAll(async () => {
      await app.stop();
      await server?.stop();
    }, limitMs);
    beforeEach(async () => {
      await db.deleteFrom('orders').execute();
      news.announced.length = 0;
    });

    function transact<R>(work: (transaction: Transaction<OrderSchema>) => Promise<R>): Promise<R> {
      return app.context.run(async (context) => work(await context.getResource(Transaction)));
    }

    const place = (email = 'ada@example.org', requestKey?: string): Promise<Placed> =>
      transact((transaction) => orders.place(transaction, { email, items: [beans], requestKey }));

    const advance = (id: string, status: LaterStatus): Promise<Order> =>
      transact((transaction) => orders.advance(transaction, id, status));

    /** Places an order and advances it to a status. */
    async function orderWith(status: OrderStatus): Promise<string> {
      const { order } = await place();
      if (status === 'mailed') await advance(order!.id, 'charged');
      if (status !== 'placed') await advance(order!.id, status);
      return order!.id;
    }

    test('an order has the sum of its items as its total, and is announced', async () => {
      const { outcome, order } = await place();
      expect(outcome).toBe('placed');
      expect(order).toMatchObject({
        email: 'ada@example.org',
        items: [beans],
        total: 5700,
        status: 'placed',
        version: 0,
      });
      expect(order!.changedAt).toBe(order!.placedAt);
      expect(await orders.find(order!.id)).toEqual(order);
      expect(news.announced).toEqual([order!.id]);
    });

    const steps = [
      ['placed', 'charged'],
      ['placed', 'declined'],
      ['placed', 'expired'],
      ['charged', 'mailed'],
    ] as const;
    const later = orderStatuses.filter((status) => status !== 'placed');
    const others = orderStatuses
      .flatMap((from) => later.map((to) => [from, to] as const))
      .filter(([from, to]) => !steps.some(([before, after]) => before === from && after === to));

    test.each(steps)('an order that is %s advances to %s', async (from, to) => {
      const id = await orderWith(from);
      const before = await orders.find(id);
      news.announced.length = 0;
      const after = await advance(id, to);
      expect(after).toMatchObject({ id, status: to, version: before!.version + 1 });
      expect(after.changedAt).toBeGreaterThanOrEqual(before!.changedAt);
      expect(await orders.find(id)).toEqual(after);
      expect(news.announced).toEqual([id]);
    });

    test.each(others)('an order that is %s does not advance to %s', async (from, to) => {
      const id = await orderWith(from);
      const before = await orders.find(id);
      news.announced.length = 0;
      await expect(advance(id, to)).rejects.toThrow(OrderStatusError);
      expect(await orders.find(id)).toEqual(before);
      expect(news.announced).toEqual([]);
    });

    test('requests with one key place one order, also at once, and another order with the key is a conflict', async () => {
      const [first, second] = await Promise.all([place('ada@example.org', 'k'), place('ada@example.org', 'k')]);
      expect([first.outcome, second.outcome].toSorted()).toEqual(['placed', 'repeated']);
      expect(second.order).toEqual(first.order);
      expect(await place('bob@example.org', 'k')).toEqual({ outcome: 'conflict' });
      expect(news.announced).toEqual([first.order!.id]);
    });

    test('the list has pages, newest first, without gaps and repetitions', async () => {
      const ids: string[] = [];
      for (let number = 0; number < 5; number++) ids.push(await orderWith(number === 2 ? 'declined' : 'placed'));
      const all = await orders.list({ limit: 10 });
      expect(all.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
      const pages: Order[] = [];
      for (let page = await orders.list({ limit: 2 }); page.length > 0;) {
        pages.push(...page);
        page = await orders.list({ limit: 2, after: page.at(-1)!.id });
      }
      expect(pages).toEqual(all);
      expect(await orders.list({ limit: 10, status: 'declined' })).toMatchObject([{ id: ids[2] }]);
    });

    test('the counts have all orders since a time, and the revenue of those that were charged', async () => {
      const before = Date.now();
      for (const status of [...orderStatuses, 'mailed'] as const) await orderWith(status);
      expect(await orders.countSince(before)).toEqual({
        placed: 1,
        charged: 1,
        mailed: 2,
        declined: 1,
        expired: 1,
        revenue: 3 * 5700,
      });
      expect(await orders.countSince(Date.now() + 60_000)).toMatchObject({ placed: 0, mailed: 0, revenue: 0 });
      const [placed] = await orders.list({ limit: 1, status: 'placed' });
      expect(await orders.unchargedBefore(Date.now() + 60_000)).toEqual([placed!.id]);
      expect(await orders.unchargedBefore(before)).toEqual([]);
    });
  });
});

test('amounts have their currency and two decimals', () => {
  expect([0, 5, 1250, 123_456_789].map(formatAmount)).toEqual(['€0.00', '€0.05', '€12.50', '€1,234,567.89']);
});

test('the errors name the order and the reason', () => {
  expect(String(new OrderStatusError('7a9f', 'placed', 'charged'))).toMatchInlineSnapshot(`
    "OrderStatusError: Order 7a9f cannot become \`charged\`: it is not \`placed\`
      help         read the order again; another process has changed it
      code         ERR_ORDER_STATUS"
  `);
  expect(String(new ChargeServiceError('7a9f', 'responded with 503'))).toMatchInlineSnapshot(`
    "ChargeServiceError: The charge service responded with 503 to a request for order 7a9f
      help         repeat the request
      code         ERR_CHARGE_SERVICE"
  `);
});
