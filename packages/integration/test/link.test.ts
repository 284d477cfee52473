import { Deferred, errorOf, recordTraces } from '@asphalt/test-support';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { ConnectError, OfflineError, type ConnectTrace } from '../src/index.ts';
import { advance, defaults, FakeLink } from './fake-server.ts';

// A turn of the event loop stays real, as the one in which replies are read.
const timers: Parameters<typeof vi.useFakeTimers>[0] = { toFake: ['setTimeout', 'clearTimeout', 'performance'] };

beforeEach(() => {
  vi.useFakeTimers(timers);
  // The largest delays, so that attempts happen at known times.
  vi.spyOn(Math, 'random').mockReturnValue(1);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('a link to an available server connects, checks and yields the client', async () => {
  const fake = new FakeLink();
  expect(fake.link.state).toBe('connecting');
  expect(await fake.open()).toBe('client');
  expect(fake.link.state).toBe('up');
  expect(fake.server.calls).toEqual(['connect', 'check']);
  expect(fake.log).toEqual(['info: Connected to db:7000']);
  expect(fake.events).toEqual([]);
});

test('a link waits for a server that appears later, with one warning and one line about success', async () => {
  const fake = new FakeLink();
  fake.server.state = 'down';
  const opened = fake.open();
  await advance(700);
  fake.server.state = 'up';
  await advance(1000);
  expect(await opened).toBe('client');
  expect(fake.attempts).toBe(4);
  expect(fake.progress).toEqual([1, 2, 3].map((attempt) => `db:7000: connection refused, attempt ${attempt}`));
  expect(fake.log).toEqual(['warn: Waiting for db:7000: connection refused', 'info: Connected to db:7000']);
});

test('a link abandons an unavailable server within `connect.for` and destroys the client', async () => {
  const fake = new FakeLink();
  fake.server.state = 'down';
  const failure = errorOf(fake.open(), ConnectError);
  await advance(8000);
  const error = await failure;
  expect(error).toMatchObject({ server: 'db:7000', permanent: false, reason: 'connection refused' });
  expect(error.elapsedMs).toBeGreaterThan(7500);
  expect(error.elapsedMs).toBeLessThanOrEqual(8000);
  expect(error.attempts).toBe(fake.attempts);
  expect(fake.server.calls.at(-1)).toBe('destroy');
  expect(fake.link.state).toBe('closed');
  expect(vi.getTimerCount()).toBe(0);
});

test('an attempt is published to tracing channels without the password in its error', async () => {
  const { seen, unsubscribe } = recordTraces<ConnectTrace>('asphalt.connect');
  onTestFinished(unsubscribe);
  const fake = new FakeLink({ password: 'wrong password' });
  fake.server.state = 'refuses';
  await errorOf(fake.open(), ConnectError);
  expect(seen.map(([channel]) => channel)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
  expect(seen[0]![1]).toMatchObject({ server: 'db:7000', error: new Error('***') });
});

test('a link refuses calls unless it is up', async () => {
  const fake = new FakeLink({ required: false });
  fake.server.state = 'down';
  await fake.open();
  const refused = await errorOf(async () => fake.link.assertUp(), OfflineError);
  expect(refused).toMatchObject({ server: 'db:7000', state: 'lost' });
  fake.server.state = 'up';
  await advance(2000);
  fake.link.assertUp();
});

test('a link with `connect.for` 0 tries only once', async () => {
  const fake = new FakeLink({ connect: { ...defaults.connect, for: 0 } });
  fake.server.state = 'down';
  await errorOf(fake.open(), ConnectError);
  expect(fake.attempts).toBe(1);
});

test('a permanent error ends the start at the first attempt', async () => {
  const fake = new FakeLink();
  fake.server.state = 'refuses';
  expect(await errorOf(fake.open(), ConnectError)).toMatchObject({ permanent: true, attempts: 1 });
  expect(fake.server.calls).toEqual(['connect', 'destroy']);
  expect(fake.log).toEqual([]);
});

test('an aborted start rejects with the reason and destroys the client', async () => {
  for (const state of ['down', 'frozen'] as const) {
    const fake = new FakeLink();
    fake.server.state = state;
    const opened = errorOf(fake.open());
    await advance(50);
    const reason = new Error('another component failed');
    fake.abort.abort(reason);
    expect(await opened).toBe(reason);
    expect(fake.server.calls.at(-1)).toBe('destroy');
    expect(fake.link.state).toBe('closed');
  }
  expect(vi.getTimerCount()).toBe(0);
});

test('an attempt that receives no response ends after `connect.timeout`, and another one follows', async () => {
  const fake = new FakeLink({ connect: { ...defaults.connect, timeout: 1000 } });
  fake.server.state = 'frozen';
  const opened = fake.open();
  await advance(1000);
  expect(fake.server.calls).toEqual(['connect', 'destroy']);
  expect(fake.log).toEqual(['warn: Waiting for db:7000: no response within 1000 ms']);
  fake.server.state = 'up';
  await advance(200);
  expect(await opened).toBe('client');
});

test('an optional server that is not available does not prevent the start', async () => {
  const fake = new FakeLink({ required: false });
  fake.server.state = 'down';
  expect(await fake.open()).toBe('client');
  expect(fake.link.state).toBe('lost');
  expect(fake.log).toEqual(['warn: Started without db:7000: connection refused']);
  await advance(60_000);
  expect(fake.log).toHaveLength(1);
  fake.server.state = 'up';
  await advance(2000);
  expect(fake.link.state).toBe('up');
  expect(fake.log.at(-1)).toMatch(/^info: Connected to db:7000 again after 6\d{4} ms$/);
  expect(fake.events).toEqual([
    { lost: { server: 'db:7000', reason: 'connection refused' } },
    { restored: { server: 'db:7000', outageMs: expect.any(Number) } },
  ]);
});

test('an optional server with a wrong password is reported once as an error', async () => {
  const fake = new FakeLink({ required: false });
  fake.server.state = 'refuses';
  expect(await fake.open()).toBe('client');
  await advance(20_000);
  expect(fake.log).toEqual([
    'error: Cannot connect to db:7000 until its settings or those of this component change: wrong password',
  ]);
});

test('the driver must not reconnect before the first success and after the end', async () => {
  const fake = new FakeLink({ required: false });
  fake.server.state = 'down';
  expect(fake.link.delay(1)).toBeUndefined();
  await fake.open();
  expect(fake.link.delay(1)).toBeUndefined();
  fake.server.state = 'up';
  await advance(200);
  expect(fake.link.delay(1)).toBe(200);
  await fake.close();
  expect(fake.link.delay(1)).toBeUndefined();
});

test('reports of the driver before the first success are ignored', async () => {
  const fake = new FakeLink();
  fake.link.up();
  fake.link.down(new Error('broken'));
  expect(fake.link.state).toBe('connecting');
  await fake.open();
  expect(fake.log).toEqual(['info: Connected to db:7000']);
});

test('the report of a driver does not replace the check of an optional server', async () => {
  const fake = new FakeLink({ required: false });
  fake.server.state = 'down';
  await fake.open();
  fake.link.up();
  expect(fake.link.state).toBe('lost');
});

test('an outage that the driver reports is logged and dispatched once', async () => {
  const fake = new FakeLink();
  await fake.open();
  fake.link.down(new Error('broken'));
  fake.link.down(new Error('refused'));
  expect(fake.link.state).toBe('lost');
  await advance(1500);
  fake.link.up();
  fake.link.up();
  expect(fake.link.state).toBe('up');
  expect(fake.log.slice(1)).toEqual([
    'warn: Lost the connection to db:7000: broken',
    'info: Connected to db:7000 again after 1500 ms',
  ]);
  expect(fake.events).toEqual([
    { lost: { server: 'db:7000', reason: 'broken' } },
    { restored: { server: 'db:7000', outageMs: 1500 } },
  ]);
});

test('a probe that receives no response within `timeout` loses the connection and resets it', async () => {
  const fake = new FakeLink();
  await fake.open();
  fake.server.state = 'frozen';
  await advance(11_999);
  expect(fake.link.state).toBe('up');
  await advance(1);
  expect(fake.link.state).toBe('lost');
  expect(fake.server.calls).toEqual(['connect', 'check', 'check', 'reset']);
});

test('a check whose reply is delayed by code that blocks the event loop does not lose the connection', async () => {
  vi.useRealTimers();
  const fake = new FakeLink({ timeout: 400, probe: 10 });
  await fake.open();
  const checked = new Deferred();
  fake.server.check = async () => {
    await new Promise(setImmediate);
    const start = performance.now();
    while (performance.now() - start < 500);
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
    checked.resolve();
  };
  await checked.promise;
  await new Promise(setImmediate);
  expect(fake.link.state).toBe('up');
  await fake.close();
});

test('checks that limit the time of calls run so often that a call fails within one and a half times `timeout`', async () => {
  const fake = new FakeLink();
  fake.server.checksLimitCalls = true;
  await fake.open();
  fake.server.state = 'frozen';
  await advance(2999);
  expect(fake.link.state).toBe('up');
  await advance(1);
  expect(fake.link.state).toBe('lost');
  expect(fake.server.calls).toEqual(['connect', 'check', 'check', 'reset']);
});

test('a check whose reply needs almost `timeout` does not lose the connection', async () => {
  const fake = new FakeLink();
  fake.server.checksLimitCalls = true;
  await fake.open();
  fake.server.check = () => new Promise((resolve) => setTimeout(resolve, 1900));
  await advance(10_000);
  expect(fake.link.state).toBe('up');
});

test('a probe that succeeds after an outage restores the connection', async () => {
  const fake = new FakeLink();
  await fake.open();
  fake.server.state = 'down';
  await advance(10_000);
  expect(fake.link.state).toBe('lost');
  fake.server.state = 'up';
  await advance(10_000);
  expect(fake.link.state).toBe('up');
  expect(fake.events).toHaveLength(2);
});

test('a link with `probe` 0 never checks after the start', async () => {
  const fake = new FakeLink({ probe: 0 });
  await fake.open();
  await advance(1_000_000);
  expect(fake.server.calls).toEqual(['connect', 'check']);
  expect(vi.getTimerCount()).toBe(0);
});

test('a permanent error during an outage is logged once as an error and delays attempts by `maxDelay`', async () => {
  const fake = new FakeLink();
  await fake.open();
  fake.link.down(new Error('broken'));
  expect(fake.link.delay(1)).toBe(200);
  fake.link.down(new Error('wrong password'));
  fake.link.down(new Error('wrong password'));
  expect(fake.link.delay(1)).toBe(2000);
  expect(fake.log.slice(2)).toEqual([
    'error: Cannot connect to db:7000 until its settings or those of this component change: wrong password',
  ]);
  expect(fake.events).toHaveLength(1);
  fake.link.up();
  expect(fake.link.delay(1)).toBe(200);
});

test('a permanent error stays the reason of an outage while checks fail with other errors', async () => {
  const fake = new FakeLink();
  await fake.open();
  for (let round = 0; round < 3; round++) {
    fake.link.down(new Error('wrong password'));
    fake.link.down(new Error('offline'));
  }
  expect(fake.link.delay(1)).toBe(2000);
  expect(fake.log).toHaveLength(2);
});

test('an error of `reset` and `classify` is no unhandled rejection, and checks continue', async () => {
  const fake = new FakeLink();
  await fake.open();
  fake.server.reset = () => {
    throw new Error('broken reset');
  };
  fake.server.classify = () => {
    throw new Error('broken classify');
  };
  fake.server.state = 'down';
  await advance(10_000);
  expect(fake.link.state).toBe('lost');
  expect(fake.log.at(-1)).toBe('warn: The connection to db:7000 cannot be replaced: broken reset');
  fake.server.state = 'up';
  await advance(10_000);
  expect(fake.link.state).toBe('up');
});

test('an error of `destroy` does not replace that of the start', async () => {
  const fake = new FakeLink();
  fake.server.destroy = () => {
    throw new Error('broken destroy');
  };
  fake.server.state = 'refuses';
  await errorOf(fake.open(), ConnectError);
  expect(fake.log).toEqual(['warn: The connection to db:7000 broke while it was being closed: broken destroy']);
});

test('the end does not wait for the calls of a server that does not respond', async () => {
  const fake = new FakeLink({ timeout: 1000 });
  await fake.open();
  fake.server.state = 'frozen';
  fake.server.closing = new Promise(() => undefined);
  const closed = fake.close();
  await advance(1000);
  await closed;
  expect(fake.server.calls.slice(-2)).toEqual(['check', 'destroy']);
  expect(fake.log.at(-1)).toMatch(/broke while it was being closed: no response within 1000 ms$/);
});

test('the end waits for running calls, then destroys the client', async () => {
  const fake = new FakeLink();
  await fake.open();
  fake.server.closing = new Promise((resolve) => setTimeout(resolve, 3000));
  const closed = fake.close();
  await advance(2999);
  expect(fake.server.calls.at(-1)).toBe('close');
  await advance(1);
  await closed;
  expect(fake.server.calls.at(-1)).toBe('destroy');
  expect(fake.link.state).toBe('closed');
  expect(vi.getTimerCount()).toBe(0);
});

test('the end abandons calls that exceed `drain`', async () => {
  const fake = new FakeLink();
  await fake.open();
  fake.server.closing = new Promise(() => undefined);
  const closed = fake.close();
  await advance(5000);
  await closed;
  expect(fake.server.calls.slice(-2)).toEqual(['close', 'destroy']);
  expect(fake.log.at(-1)).toBe('warn: Calls to db:7000 did not end within 5000 ms; they fail now');
});

test('the end during an outage destroys the client without waiting', async () => {
  const fake = new FakeLink();
  await fake.open();
  fake.link.down(new Error('broken'));
  await fake.close();
  expect(fake.server.calls).not.toContain('close');
  expect(fake.server.calls.at(-1)).toBe('destroy');
});

test('a connection that breaks while it closes is logged', async () => {
  const fake = new FakeLink();
  await fake.open();
  fake.server.closing = Promise.reject(new Error('broken pipe'));
  await fake.close();
  expect(fake.log.at(-1)).toBe('warn: The connection to db:7000 broke while it was being closed: broken pipe');
});

test('reports of the driver after the end are ignored', async () => {
  const fake = new FakeLink();
  await fake.open();
  await fake.close();
  fake.link.down(new Error('broken'));
  fake.link.up();
  expect(fake.link.state).toBe('closed');
  expect(fake.log).toHaveLength(1);
});

test('the end stops the attempts for an optional server', async () => {
  for (const state of ['down', 'frozen'] as const) {
    const fake = new FakeLink({ required: false, connect: { ...defaults.connect, timeout: 1000 } });
    fake.server.state = state;
    const opened = fake.open();
    await advance(1000);
    await opened;
    await fake.close();
    const { attempts } = fake;
    await advance(60_000);
    expect(fake.attempts).toBe(attempts);
  }
  expect(vi.getTimerCount()).toBe(0);
});

test('limits of more than 25 days hold', async () => {
  const day = 24 * 60 * 60 * 1000;
  const fake = new FakeLink({ probe: 30 * day });
  await fake.open();
  await advance(29 * day);
  expect(fake.server.calls).toEqual(['connect', 'check']);
  await advance(day);
  expect(fake.server.calls).toEqual(['connect', 'check', 'check']);
});

test('no log line, event and error contains the password', async () => {
  const password = 'hunter2';
  for (const url of [undefined, 'fake://ada:hunter2@db:7000']) {
    const fake = new FakeLink(url === undefined ? { password } : { url, host: undefined });
    fake.server.connect = () => Promise.reject(Object.assign(new Error(`no ${password}`), { input: `x:${password}` }));
    const failure = errorOf(fake.open(), ConnectError);
    await advance(8000);
    const error = await failure;
    expect(error.reason).toBe('no ***');
    expect(error.cause).toEqual(new Error('no ***'));
    expect(fake.log).toEqual(['warn: Waiting for db:7000: no ***']);
  }
});
