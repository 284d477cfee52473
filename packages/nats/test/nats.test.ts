import { errorOf, Deferred } from '@asphalt/test-support';
import { OfflineError } from '@asphalt/integration';
import { unavailable } from '@asphalt/testing/servers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { natsApp, startNats } from './nats-app.ts';

const missing = unavailable('nats');

describe.skipIf(missing)(`${missing || 'messages of a NATS server'}`, () => {
  test('a subject delivers its messages to every subscriber, and those of no other subject', async () => {
    const { nats } = await natsApp();
    const received: string[] = [];
    const subscriptions = ['a', 'b'].map((name) =>
      nats.subject('news.*').subscribe((message) => void received.push(`${name}: ${message.subject}`)),
    );
    await nats.client.flush();
    nats.client.publish('other.de');
    nats.client.publish('news.de');
    await vi.waitFor(() => expect(received).toEqual(['a: news.de', 'b: news.de']));
    subscriptions[0]!.unsubscribe();
    nats.client.publish('news.en');
    await vi.waitFor(() => expect(received.slice(2)).toEqual(['b: news.en']));
  });

  test('one member of a group receives each message', async () => {
    const server = await startNats();
    const members = [await natsApp({}, server), await natsApp({}, server)];
    const received: string[] = [];
    for (const { nats } of members) {
      nats.subject('work', { queue: 'workers' }).subscribe((message) => void received.push(message.string()));
      await nats.client.flush();
    }
    const sent = Array.from({ length: 20 }, (_, number) => String(number));
    for (const text of sent) members[0]!.nats.client.publish('work', text);
    await members[0]!.nats.client.flush();
    await members[1]!.nats.client.flush();
    await vi.waitFor(() => expect(received).toHaveLength(sent.length));
    expect(new Set(received)).toEqual(new Set(sent));
  });

  test('a message that is sent during an outage is refused, and none is sent later', async () => {
    const { nats, server, link } = await natsApp();
    const received: string[] = [];
    nats.subject('news').subscribe((message) => void received.push(message.string()));
    await nats.client.flush();
    const { client } = nats;
    await server.kill();
    await vi.waitFor(() => expect(link.state).toBe('lost'));
    await errorOf(async () => nats.client.publish('news', 'lost'), OfflineError);
    await errorOf(nats.request('news'), OfflineError);
    await server.start();
    await vi.waitFor(() => expect(link.state).toBe('up'), { timeout: 5000 });
    expect(nats.client).toBe(client);
    nats.client.publish('news', 'after the outage');
    await vi.waitFor(() => expect(received).toEqual(['after the outage']));
  });

  test('a subscription that is made during an outage receives messages after it', async () => {
    const { nats, server, link } = await natsApp();
    await server.kill();
    await vi.waitFor(() => expect(link.state).toBe('lost'));
    const received: string[] = [];
    nats.subject('news').subscribe((message) => void received.push(message.string()));
    await server.start();
    await vi.waitFor(() => expect(link.state).toBe('up'), { timeout: 5000 });
    await nats.client.flush();
    nats.client.publish('news', '1');
    await vi.waitFor(() => expect(received).toEqual(['1']));
  });

  test('a subscription that follows an unconfirmed one on a frozen connection receives messages once', async () => {
    const { nats, server, link } = await natsApp();
    server.freeze();
    const received: string[] = [];
    nats.subject('news').subscribe((message) => void received.push(message.string()));
    await link.lost.wait();
    const restored = link.restored.wait();
    server.thaw();
    await restored;
    await nats.client.flush();
    nats.client.publish('news', '1');
    await nats.client.flush();
    await vi.waitFor(() => expect(received).toEqual(['1']));
  });

  test('a subscription that the server refuses fails, and a refused message is logged', async () => {
    const user = {
      user: 'ada',
      password: 'a1b2',
      permissions: { subscribe: { deny: ['secret'] }, publish: ['_INBOX.>'] },
    };
    const server = await startNats({ settings: { authorization: { users: [user] } } });
    const { nats, link, lines } = await natsApp({ username: 'ada', password: 'a1b2' }, server);
    const failed = new Deferred<Error>();
    nats.subject('secret').subscribe({ error: (error: Error) => failed.resolve(error) });
    expect((await failed.promise).message).toContain('Permissions Violation');
    nats.client.publish('news');
    await nats.client.flush();
    await vi.waitFor(() => expect(lines.at(-1)!.message).toMatch(/has refused a command: .*Publish to "news"/i));
    expect(link.state).toBe('up');
  });

  test('subscriptions complete when the application stops', async () => {
    const { app, nats } = await natsApp();
    const completed = new Deferred();
    nats.subject('news').subscribe({ complete: () => completed.resolve() });
    await app.stop();
    await completed.promise;
  });

  test('a request fails within its own limit, or within `timeout`', async () => {
    const { nats } = await natsApp({ timeout: 100 });
    nats.client.subscribe('silent', { callback: () => undefined });
    expect(await errorOf(nats.request('silent'))).toMatchObject({ name: 'TimeoutError' });
    expect(await errorOf(nats.request('silent', 'text', { timeout: 50 }))).toMatchObject({ name: 'TimeoutError' });
    expect((await errorOf(nats.request('nobody'))).message).toContain('no responders');
  });
});

describe.skipIf(missing)('the login at a NATS server', () => {
  test('accepts the token of an option', async () => {
    const server = await startNats({ settings: { authorization: { token: 'tok3n' } } });
    const { link } = await natsApp({ token: 'tok3n' }, server);
    expect(link.state).toBe('up');
  });

  test('accepts an NKey', async () => {
    const { nkeys } = await import('@nats-io/transport-node');
    const pair = nkeys.createUser();
    const server = await startNats({ settings: { authorization: { users: [{ nkey: pair.getPublicKey() }] } } });
    const { link } = await natsApp({ nkey: Buffer.from(pair.getSeed()).toString() }, server);
    expect(link.state).toBe('up');
  });

  test('fails at once with a wrong token, which the error does not contain', async () => {
    const server = await startNats({ settings: { authorization: { token: 'tok3n' } } });
    const error = await errorOf(natsApp({ token: 'hunter2', connect: { for: '10s' } }, server));
    expect(error.message).toContain('Authorization Violation');
    expect(error.message).not.toContain('hunter2');
  });

  test('uses the next server of the cluster if the first one is away', async () => {
    const [first, second] = [await startNats(), await startNats()];
    await first.kill();
    const { nats } = await natsApp({ servers: [`${second.host}:${second.port}`] }, first);
    expect(nats.client.getServer()).toBe(`${second.host}:${second.port}`);
    onTestFinished(() => second.stop());
  });
});
