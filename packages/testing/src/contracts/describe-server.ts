/**
 * The contract of every integration of a server: tests that start, kill, freeze and restart a real server.
 *
 * The suite knows the options of `serverOptions` and the log lines of `Link`. It must not know any driver.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { Component } from '@asphalt/core';
import { describeConfig, describePlan } from '@asphalt/core/inspect';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ServerContract } from './server-contract.ts';
import { failureOf, limits, resources, Subject, textOf, untilFreed } from './subject.ts';
import { cert, key } from './untrusted-certificate.ts';

/** Registers the tests of the contract. Call it once per test file. */
export function describeServer(contract: ServerContract): void {
  const { unavailable = false } = contract;
  describe.skipIf(unavailable)(`${unavailable || 'the contract of a server'}`, () => {
    contractTests(contract);
  });
}

function contractTests(contract: ServerContract): void {
  const { use } = contract;
  const create = (password?: string): Promise<Subject> => Subject.create(contract, password);

  describe('the start', () => {
    test('fails within `connect.for` if no server is listening', async () => {
      const subject = await create();
      await subject.server.kill();
      const error = await failureOf(() => subject.start());
      expect(textOf(error)).toContain('ERR_CONNECT');
      expect(
        error.message.replace(/[\w.]+:\d+/g, 'SERVER').replace(/\d+ within \S+ m?s/, 'N within TIME'),
      ).toMatchSnapshot();
    });

    test('waits for a server that appears later, with one warning and one line about success', async () => {
      const subject = await create();
      await subject.server.kill();
      const starting = subject.start({ connect: { ...limits.connect, for: '10s' } });
      await subject.line(/^warn: Waiting for /);
      await subject.server.start();
      await subject.call(await starting);
      expect(subject.lines.map((line) => line.replace(/:\d+/, ''))).toEqual([
        expect.stringMatching(/^warn: Waiting for /),
        expect.stringMatching(/^info: Connected to /),
      ]);
      expect(subject.progress[0]).toMatch(/:\d+: .+, attempt 1$/);
    });

    test.each(Object.keys(contract.refusals))('fails at the first attempt because of %s', async (reason) => {
      const subject = await create('hunter2');
      const options = contract.refusals[reason]!(subject.server.url);
      const error = await failureOf(() => subject.start(options));
      expect(textOf(error)).toMatch(/attempts +1 within/);
      expect(subject.lines).toEqual([]);
    });

    test('fails at the first attempt because of a certificate that no authority has signed', async () => {
      const subject = await create();
      const server = createServer((socket) => {
        socket.on('error', () => undefined);
        void (async () => {
          await contract.startTls?.(socket);
          new TLSSocket(socket, { isServer: true, cert, key }).on('error', () => undefined);
        })();
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      onTestFinished(() => void server.close());
      const url = new URL(subject.server.url);
      url.port = String((server.address() as AddressInfo).port);
      const error = await failureOf(() => subject.start({ url: url.href, tls: {} }));
      expect(textOf(error)).toMatch(/attempts +1 within/);
    });

    test('succeeds without an optional server, which is used when it appears', async () => {
      const subject = await create();
      await subject.server.kill();
      const app = await subject.start({ required: false });
      expect(subject.link(app).state).toBe('lost');
      await subject.health(app, 'degraded');
      await failureOf(() => subject.call(app));
      await subject.server.start();
      await subject.up(app);
      expect(await subject.call(app)).toBe('hello');
      await subject.health(app, 'up');
      expect(subject.of('warn').filter((line) => !/health/i.test(line))).toHaveLength(1);
    });

    test('closes the client if another component fails', async () => {
      const subject = await create();
      class Broken extends Component {
        override ready(): void {
          throw new Error('broken');
        }
      }
      const before = resources();
      expect(textOf(await failureOf(() => subject.start({}, { broken: Broken })))).toContain('broken');
      await untilFreed(before);
    });
  });

  describe('an outage', () => {
    test('of a frozen server lets calls fail within `timeout`, and is reported once at its start and its end', async () => {
      const subject = await create();
      const app = await subject.start();
      const events: string[] = [];
      const link = subject.link(app);
      link.lost.subscribe(() => void events.push('lost'));
      link.restored.subscribe(() => void events.push('restored'));
      subject.server.freeze();
      await failureOf(() => subject.call(app));
      await vi.waitFor(() => expect(link.state).toBe('lost'), { timeout: 5000 });
      await subject.health(app, 'down');
      await failureOf(() => subject.call(app));
      subject.server.thaw();
      await subject.up(app);
      expect(await subject.call(app)).toBe('hello');
      await subject.health(app, 'up');
      expect(events).toEqual(['lost', 'restored']);
    });

    test('of an idle connection causes no uncaught error', async () => {
      const subject = await create();
      const app = await subject.start();
      const lost = new Promise<void>((resolve) => subject.link(app).lost.subscribe(resolve));
      await subject.server.dropConnections();
      await lost;
      await subject.up(app);
      expect(await subject.call(app)).toBe('hello');
    });

    test('by a restart under load loses no subscription and mixes up no replies', async () => {
      const subject = await create();
      const app = await subject.start();
      const messages: string[] = [];
      await use.subscribe?.(app.context, (text) => messages.push(text));
      const outcomes = { replies: 0, failures: 0, mixedUp: 0 };
      let number = 0;
      const load = setInterval(() => {
        const text = `call ${number++}`;
        subject.call(app, text).then(
          (reply) => void (reply === text ? outcomes.replies++ : outcomes.mixedUp++),
          () => void outcomes.failures++,
        );
      }, 10);
      await vi.waitFor(() => expect(outcomes.replies).toBeGreaterThan(5), { timeout: 5000 });
      await subject.server.kill();
      await vi.waitFor(() => expect(outcomes.failures).toBeGreaterThan(5), { timeout: 5000 });
      await subject.server.start();
      await subject.up(app);
      const before = outcomes.replies;
      await vi.waitFor(() => expect(outcomes.replies).toBeGreaterThan(before + 5), { timeout: 5000 });
      clearInterval(load);
      expect(outcomes.mixedUp).toBe(0);
      if (use.subscribe === undefined) return;
      await use.publish?.(app.context, 'after the outage');
      await vi.waitFor(() => expect(messages).toEqual(['after the outage']), { timeout: 5000 });
    });
  });

  describe('the stop', () => {
    test('waits for calls that are running', async () => {
      const subject = await create();
      const app = await subject.start({ probe: '10s', timeout: '10s', drain: '10s' });
      subject.server.freeze();
      const calls = ['a', 'b', 'c'].map((text) => subject.call(app, text));
      const stopped = app.stop();
      setImmediate(() => subject.server.thaw());
      expect(await Promise.all(calls)).toEqual(['a', 'b', 'c']);
      await stopped;
      expect(subject.of('warn')).toEqual([]);
    });

    test.each(['kill', 'freeze'] as const)('ends within `drain` after the %s of the server', async (how) => {
      const subject = await create();
      const app = await subject.start();
      await subject.server[how]();
      const call = failureOf(() => subject.call(app));
      await app.stop();
      await call;
    });
  });

  test('two instances have resources and links of their own', async () => {
    const [first, second] = [await create(), await create()];
    const app = await first.start({}, { 'client/second': contract.component }, { 'client/second': second.config() });
    await second.server.kill();
    await vi.waitFor(() => expect(second.link(app, 'second').state).toBe('lost'), { timeout: 5000 });
    expect(first.link(app).state).toBe('up');
    await first.health(app, 'down');
    const { checks } = await app.health();
    expect(checks.map(({ component: path, status }) => `${path} ${status}`)).toEqual([
      'client up',
      'client/second down',
    ]);
    expect(await first.call(app)).toBe('hello');
    await failureOf(() => second.call(app, 'hello', 'second'));
  });

  test('the password is in no log line, error, graph or listing of the configuration', async () => {
    const subject = await create('hunter2');
    const app = await subject.start();
    await subject.call(app);
    await subject.server.kill();
    await failureOf(() => subject.call(app));
    await subject.server.start();
    await subject.up(app);
    const shown = [subject.lines, describePlan(app.plan)].map((value) => JSON.stringify(value));
    const config = { components: { client: subject.config() } };
    shown.push(JSON.stringify(await describeConfig(app.plan.components[0]!.node.type, { config })));
    await app.stop();
    await subject.server.kill();
    shown.push(textOf(await failureOf(() => subject.start())));
    for (const text of shown) expect(text.includes('hunter2')).toBe(false);
  });

  test('twenty starts and stops leave no connection, timer or listener behind', async () => {
    const subject = await create();
    const listeners = (): number => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
    const startAndStop = async (): Promise<void> => {
      const app = await subject.start({ timeout: '10s' });
      await subject.call(app);
      await app.stop();
    };
    await startAndStop();
    const before = { resources: resources(), listeners: listeners() };
    for (let round = 0; round < 20; round++) await startAndStop();
    await untilFreed(before.resources);
    expect(listeners()).toBe(before.listeners);
  });
}
