import { Deferred } from '@asphalt/test-support';
import { Component, component, inject, on, startApplication } from '@asphalt/core';
import { redisServer, unavailable } from '@asphalt/testing/servers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Redis, RedisChannels, RedisComponent, type RedisMessage } from '../src/index.ts';
import { redisApp } from './redis-app.ts';

const missing = unavailable('redis');

describe.skipIf(missing)(`${missing || 'the channels of a Redis server'}`, () => {
  test('a channel delivers its messages to every subscriber, and those of no other channel', async () => {
    const { redis, channels } = await redisApp();
    const received: string[] = [];
    const subscriptions = ['a', 'b'].map((name) =>
      channels.channel('news').subscribe(({ channel, text }) => void received.push(`${name}: ${channel} ${text}`)),
    );
    await redis.ping();
    await redis.publish('other', '0');
    await redis.publish('news', '1');
    await vi.waitFor(() => expect(received).toEqual(['a: news 1', 'b: news 1']));
    subscriptions[0]!.unsubscribe();
    await redis.ping();
    await redis.publish('news', '2');
    await vi.waitFor(() => expect(received.slice(2)).toEqual(['b: news 2']));
    subscriptions[1]!.unsubscribe();
    await redis.ping();
    expect(await redis.pubSubNumSub('news')).toEqual({ news: 0 });
  });

  test('a pattern delivers the messages of all matching channels', async () => {
    const { redis, channels } = await redisApp();
    const received: RedisMessage[] = [];
    channels.pattern('news.*').subscribe((message) => void received.push(message));
    await redis.ping();
    await redis.publish('news.de', '1');
    await redis.publish('old.de', '2');
    await redis.publish('news.en', '3');
    const expected = [
      { channel: 'news.de', text: '1' },
      { channel: 'news.en', text: '3' },
    ];
    await vi.waitFor(() => expect(received).toEqual(expected));
  });

  test('a subscription that is made during an outage receives messages after it', async () => {
    const { redis, channels, server, link } = await redisApp();
    await server.kill();
    await vi.waitFor(() => expect(link.state).toBe('lost'));
    const received: string[] = [];
    channels.channel('news').subscribe(({ text }) => void received.push(text));
    await server.start();
    await vi.waitFor(() => expect(link.state).toBe('up'), { timeout: 5000 });
    await redis.ping();
    await redis.publish('news', '1');
    await vi.waitFor(() => expect(received).toEqual(['1']));
  });

  test('a subscription that ends during an outage stays ended', async () => {
    const { redis, channels, server, link } = await redisApp();
    const subscription = channels.channel('news').subscribe();
    await redis.ping();
    await server.kill();
    await vi.waitFor(() => expect(link.state).toBe('lost'));
    subscription.unsubscribe();
    channels.channel('late').subscribe().unsubscribe();
    await server.start();
    await vi.waitFor(() => expect(link.state).toBe('up'), { timeout: 5000 });
    await vi.waitFor(async () => expect(await redis.pubSubNumSub(['news', 'late'])).toEqual({ news: 0, late: 0 }));
  });

  test('a channel that subscribers leave and others join during an outage is subscribed after it', async () => {
    const { redis, channels, server, link } = await redisApp();
    const channel = channels.channel('news');
    const first = ['a', 'b'].map(() => channel.subscribe());
    await server.kill();
    await vi.waitFor(() => expect(link.state).toBe('lost'));
    for (const subscription of first) subscription.unsubscribe();
    const received: string[] = [];
    for (const name of ['c', 'd']) channel.subscribe(({ text }) => void received.push(`${name}: ${text}`));
    await server.start();
    await vi.waitFor(() => expect(link.state).toBe('up'), { timeout: 5000 });
    await redis.ping();
    await redis.ping();
    await redis.publish('news', '1');
    await vi.waitFor(() => expect(received).toEqual(['c: 1', 'd: 1']));
  });

  test('a subscription that follows an unconfirmed one on a frozen connection receives messages afterwards', async () => {
    const { redis, channels, server, link } = await redisApp();
    server.freeze();
    const unconfirmed = channels.channel('news').subscribe();
    const lost = link.lost.wait();
    unconfirmed.unsubscribe();
    const received: string[] = [];
    channels.channel('news').subscribe(({ text }) => void received.push(text));
    await lost;
    const restored = link.restored.wait();
    server.thaw();
    await restored;
    await redis.ping();
    await redis.ping();
    await redis.publish('news', '1');
    await vi.waitFor(() => expect(received).toEqual(['1']));
  });

  test('a subscription that the server refuses fails', async () => {
    const { redis, channels } = await redisApp();
    await redis.aclSetUser('default', ['resetchannels', '&public']);
    const failed = new Deferred<Error>();
    channels.channel('secret').subscribe({ error: (error: Error) => failed.resolve(error) });
    expect((await failed.promise).message).toMatch(/^NOPERM/);
  });

  test('subscriptions complete when the application stops', async () => {
    const { app, channels } = await redisApp();
    const completed = new Deferred();
    channels.channel('news').subscribe({ complete: () => completed.resolve() });
    await app.stop();
    await completed.promise;
  });

  test('a handler receives the messages of a channel', async () => {
    const server = await redisServer();
    onTestFinished(() => server.stop());
    const received: RedisMessage[] = [];

    @component({ components: { redis: RedisComponent } })
    class App extends Component {
      @on(RedisChannels, (channels) => channels.channel('news'))
      read(message: RedisMessage): void {
        received.push(message);
      }

      override async ready(@inject(Redis) redis: Redis): Promise<void> {
        await redis.publish('news', 'ready');
      }
    }
    const app = await startApplication(App, { config: { components: { redis: { url: server.url } } } });
    await vi.waitFor(() => expect(received).toEqual([{ channel: 'news', text: 'ready' }]));
    await app.stop();
  });
});
