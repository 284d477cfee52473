import { Component, component, type Application } from '@asphalt/core';
import { SqlComponent, Transaction } from '@asphalt/sql';
import { eventually, startTestApplication } from '@asphalt/testing';
import { postgresServer, unavailable, type TestServer } from '@asphalt/testing/servers';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { OrderNews } from '../src/order-news.ts';
import { PostgresNewsComponent } from '../src/postgres-news.ts';

@component({ components: { sql: SqlComponent, news: PostgresNewsComponent } })
class NewsOnly extends Component {}

const missing = unavailable('postgres');

describe.skipIf(missing)(`${missing || 'news of PostgreSQL'}`, { timeout: 60_000 }, () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await postgresServer();
  }, 120_000);
  afterAll(() => server.stop(), 120_000);

  interface Replica {
    readonly app: Application;
    readonly news: OrderNews;
    readonly changed: string[];
    readonly missed: () => number;
  }

  async function start(options: object = {}): Promise<Replica> {
    const { url } = server;
    const config = { components: { sql: { url }, news: { url, connect: { maxDelay: '200ms' }, ...options } } };
    const app = await startTestApplication(NewsOnly, { config });
    onTestFinished(() => app.stop());
    const news = await app.context.getResource(OrderNews);
    const changed: string[] = [];
    let missed = 0;
    news.changed.subscribe((id) => void changed.push(id));
    news.missed.subscribe(() => void missed++);
    return { app, news, changed, missed: () => missed };
  }

  function announce({ app, news }: Replica, id: string, error?: Error): Promise<void> {
    return app.context.run(async (context) => {
      await news.announce(await context.getResource(Transaction), id);
      if (error !== undefined) throw error;
    });
  }

  test('a change reaches all processes after its commit, and one that is rolled back reaches none', async () => {
    const [writer, reader] = [await start(), await start()];
    await expect(announce(writer, 'first', new Error('rolled back'))).rejects.toThrow('rolled back');
    await announce(writer, 'second');
    for (const { changed } of [writer, reader]) await eventually(() => expect(changed).toEqual(['second']));
  });

  test('a process that does not listen still reports its changes', async () => {
    const [writer, reader] = [await start({ listen: false }), await start()];
    await announce(writer, 'first');
    await eventually(() => expect(reader.changed).toEqual(['first']));
    expect(writer.changed).toEqual([]);
    expect((await writer.app.health()).status).toBe('up');
  });

  test('a process that lost its connection reports that it may have missed changes, and listens again', async () => {
    const reader = await start();
    const before = reader.missed();
    await server.kill();
    await eventually(async () => expect((await reader.app.health()).status).toBe('down'), { timeoutMs: 20_000 });
    await server.start();
    await eventually(() => expect(reader.missed()).toBe(before + 1), { timeoutMs: 20_000 });
    await eventually(() => announce(reader, 'after'), { timeoutMs: 20_000 });
    await eventually(() => expect(reader.changed).toContain('after'));
  });
});
