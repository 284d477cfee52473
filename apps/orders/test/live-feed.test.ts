import { join } from 'node:path';
import { captureLogs, eventually, startTestApplication } from '@asphalt/testing';
import { tempFolder } from '@asphalt/test-support';
import { WebApp } from '@asphalt/web';
import { expect, onTestFinished, test } from 'vitest';
import { OrdersApp } from '../src/app.ts';
import { LiveFeed, type LiveEvent } from '../src/live-feed.ts';
import { OrderNews } from '../src/order-news.ts';
import type { Order } from '../src/order.ts';
import type { Orders } from '../src/orders.ts';
import { EventStream, type ServerEvent } from './event-stream.ts';

interface OrderData {
  readonly id: string;
  readonly version: number;
  readonly html: string;
}

/** Starts the application without its worker, so that orders change only when a test changes them. */
async function start(): Promise<string> {
  const app = await startTestApplication(OrdersApp, {
    config: {
      components: {
        web: { port: 0 },
        sql: { file: join(tempFolder(), 'orders.db') },
        mailer: { enabled: false },
        charges: { enabled: false },
        worker: { enabled: false },
      },
    },
  });
  onTestFinished(() => app.stop());
  return app.context.getResourceSync(WebApp).url!;
}

async function place(url: string, email = 'ada@example.org'): Promise<string> {
  const body = JSON.stringify({ email, items: [{ product: 'beans', quantity: 1 }] });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/orders`, { method: 'POST', headers, body });
  return ((await response.json()) as OrderData).id;
}

const isOrder = ({ event }: ServerEvent): boolean => event === 'order';
const isCounts = ({ event }: ServerEvent): boolean => event === 'counts';
const orderOf = ({ data }: ServerEvent): OrderData => data as OrderData;

test('a stream contains the latest orders first, oldest first, then each change with the counts', async () => {
  const url = await start();
  const ids = [await place(url), await place(url)];
  const stream = EventStream.open(`${url}/events`);
  onTestFinished(() => stream.close());
  expect([orderOf(await stream.next()).id, orderOf(await stream.next()).id]).toEqual(ids);
  expect(await stream.next(isCounts)).toMatchObject({ data: { placed: '2', mailed: '0', revenue: '€0.00' } });
  const third = await place(url);
  expect(orderOf(await stream.next(isOrder))).toMatchObject({ id: third, version: 0 });
  expect(await stream.next(isCounts)).toMatchObject({ data: { placed: '3' } });
});

test('a page shows text of customers as text, and may load only scripts of the site', async () => {
  const url = await start();
  await place(url, "o'hara&co@example.org");
  const response = await fetch(url);
  const page = await response.text();
  expect(page).toContain('o&#39;hara&amp;co@example.org');
  expect(page).not.toContain("o'hara");
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
});

/** News and orders whose reading fails on demand. */
class Scene {
  readonly news = new (class extends OrderNews {
    override async announce(): Promise<void> {}
  })();
  readonly rows = new Map<string, Order>();
  isDown = false;
  readonly logs = captureLogs();
  readonly feed: LiveFeed;
  readonly received: LiveEvent[] = [];

  constructor() {
    const list = async (): Promise<Order[]> => {
      if (this.isDown) throw new Error('the database is away');
      return [...this.rows.values()];
    };
    // The feed uses these methods only.
    const orders = {
      list,
      findAll: async (ids: readonly string[]) => (await list()).filter(({ id }) => ids.includes(id)),
      countSince: async () => ({ placed: 0, charged: 0, mailed: 0, declined: 0, expired: 0, revenue: 0 }),
    } as unknown as Orders;
    this.feed = new LiveFeed(orders, this.news, this.logs.logger);
    const abort = new AbortController();
    const running = this.feed.run(abort.signal);
    onTestFinished(async () => {
      abort.abort();
      await running;
    });
  }

  change(id: string, version: number): void {
    const order = {
      email: 'ada@example.org',
      items: [],
      total: 0,
      status: 'placed',
      placedAt: 1,
      changedAt: 1,
    } as const;
    this.rows.set(id, { id, version, ...order });
    this.news.changed.dispatch(id);
  }

  watch(): void {
    const subscription = this.feed.events.subscribe((event) => void this.received.push(event));
    onTestFinished(() => subscription.unsubscribe());
  }

  get versions(): string[] {
    return this.received
      .filter(({ name }) => name === 'order')
      .map(({ data }) => JSON.parse(data) as OrderData)
      .map(({ id, version }) => `${id} ${version}`);
  }
}

test('changes during a failure of the database are shown once it is back', async () => {
  const scene = new Scene();
  scene.watch();
  scene.isDown = true;
  scene.change('a', 1);
  await eventually(() =>
    expect(scene.logs.lines.map(({ message }) => message)).toContain(
      'The live page cannot read the orders and retries',
    ),
  );
  scene.change('b', 1);
  scene.isDown = false;
  await eventually(() => expect(scene.versions.toSorted()).toEqual(expect.arrayContaining(['a 1', 'b 1'])), {
    timeoutMs: 5_000,
  });
});

test('the feed reads all orders of the page after reports may have been lost', async () => {
  const scene = new Scene();
  scene.watch();
  scene.change('a', 1);
  await eventually(() => expect(scene.versions).toEqual(['a 1']));
  scene.rows.set('a', { ...scene.rows.get('a')!, version: 2 });
  scene.news.missed.dispatch();
  await eventually(() => expect(scene.versions).toEqual(['a 1', 'a 2']));
});

test('several changes at once are one round of events', async () => {
  const scene = new Scene();
  scene.watch();
  for (let version = 1; version <= 3; version++) scene.change('a', version);
  scene.change('b', 1);
  await eventually(() => expect(scene.versions).toEqual(['a 3', 'b 1']));
  expect(scene.received.filter(({ name }) => name === 'counts')).toHaveLength(1);
});
