import type { Context } from '@asphalt/core';
import { Deferred, errorOf, recordingLogger, settled } from '@asphalt/test-support';
import { fakeClock } from '@asphalt/testing';
import { expect, onTestFinished, test } from 'vitest';
import { endpoint, Link, NoReplyError, OfflineError, Session, type PullClient } from '../src/index.ts';
import { defaults, kind } from './fake-server.ts';

class FakeSession extends Session<string> {
  async connect(): Promise<void> {
    this.opened = 'client';
  }

  async check(): Promise<void> {}

  destroy(): void {}
}

/** Opens a session, whose connection closes with the generator. */
async function open() {
  const { logger } = recordingLogger();
  // A link only calls `progress` of the context of its component.
  const context = { progress: () => undefined } as unknown as Context;
  const owner = { config: { ...defaults, probe: 0 }, logger, context, path: 'client' };
  const address = endpoint(owner.config, kind);
  const session = new FakeSession(owner, address, new Link(owner, address));
  const held = session.link.hold(session, session, new AbortController().signal);
  return { session, connect: () => held.next(), close: () => held.return() };
}

test('the client of a session can be used while the connection is up', async () => {
  const { session, connect, close } = await open();
  await errorOf(() => session.client, OfflineError);
  await connect();
  expect(session.client).toBe('client');
  await close();
  await errorOf(() => session.client, OfflineError);
});

test('a call that exceeds `timeout` fails, and names the server', async () => {
  const clock = fakeClock();
  onTestFinished(() => clock.restore());
  const { session } = await open();
  const failure = errorOf(
    session.call(() => new Promise(() => undefined)),
    NoReplyError,
  );
  await clock.advance(2000);
  expect((await failure).message).toMatchInlineSnapshot(`
    "db:7000 did not reply within 2.0 s
      note         the server may have received the call
      help         repeat the call if it has no effect twice
                   or raise \`timeout\` if the server needs more time
      code         ERR_NO_REPLY"
  `);
});

test('a stop waits for running calls', async () => {
  const { session, connect, close } = await open();
  await connect();
  const replied = new Deferred<string>();
  const call = session.call(() => replied.promise);
  let isClosed = false;
  const closed = close().then(() => (isClosed = true));
  await settled();
  expect(isClosed).toBe(false);
  replied.resolve('reply');
  expect(await call).toBe('reply');
  await closed;
});

test('a session has one source per name', async () => {
  const { session } = await open();
  const client = {} as PullClient<string, unknown>;
  const [first, again, other] = ['mails', 'mails', 'orders'].map((name) => session.source(name, () => client, {}));
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});
