import { join } from 'node:path';
import { Deferred, tempFolder } from '@asphalt/test-support';
import { Mailer, type MemoryMailer } from '@asphalt/mailer';
import { eventually, startTestApplication, type TestApplication } from '@asphalt/testing';
import { WebApp } from '@asphalt/web';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OrdersApp } from '../src/app.ts';
import { Recovery } from '../src/recovery.ts';
import { ChargeServer } from './charge-server.ts';

let folder: string;
let charges: ChargeServer;
let app: TestApplication;
let mailer: MemoryMailer;
let url: string;

async function start(components: Readonly<Record<string, object>> = {}): Promise<void> {
  app = await startTestApplication(OrdersApp, {
    config: {
      components: {
        web: { port: 0, errors: 'problem' },
        sql: { file: join(folder, 'orders.db') },
        messaging: { backoff: { minDelay: 10, maxDelay: 20 } },
        mailer: { backend: 'memory', from: 'orders@example.org' },
        charges: { url: charges.url },
        ...components,
      },
    },
  });
  url = app.context.getResourceSync(WebApp).url!;
  // The option `backend` selects this class.
  mailer = (await app.context.getResource(Mailer)) as MemoryMailer;
}

beforeEach(async () => {
  folder = tempFolder();
  charges = await ChargeServer.open();
});
afterEach(async () => {
  await app?.stop();
  await charges.close();
});

/** Returns the lines of the log with a level. */
function messages(level: string): string[] {
  return app.logs.filter((line) => line.level === level).map(({ message }) => message);
}

interface OrderBody {
  readonly id: string;
  readonly status: string;
  readonly total: number;
}

const beans = { email: 'ada@example.org', items: [{ product: 'beans', quantity: 2 }] };

function post(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${url}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

async function place(body: unknown = beans, headers?: Readonly<Record<string, string>>): Promise<OrderBody> {
  const response = await post(body, headers);
  expect(response.status).toBe(201);
  return (await response.json()) as OrderBody;
}

async function read(id: string): Promise<OrderBody> {
  return (await (await fetch(`${url}/orders/${id}`)).json()) as OrderBody;
}

function untilStatus(id: string, status: string): Promise<void> {
  return eventually(async () => expect((await read(id)).status).toBe(status), { timeoutMs: 10_000 });
}

test('an order is charged once and its receipt is mailed', async () => {
  await start();
  const order = await place();
  expect(order).toMatchObject({ status: 'placed', total: 5700, email: 'ada@example.org', currency: 'EUR' });
  await untilStatus(order.id, 'mailed');
  expect(charges.requests).toEqual([
    { order: order.id, key: order.id, amount: 5700, currency: 'EUR', email: 'ada@example.org' },
  ]);
  expect(mailer.messages).toMatchObject([
    {
      to: 'ada@example.org',
      subject: 'Your order of €57.00',
      headers: { 'Message-ID': `<order-${order.id}@orders.asphalt>` },
    },
  ]);
  expect(mailer.messages[0]!.text).toContain('2 × Espresso beans, 1 kg: €57.00');
});

test('an order above the limit of the charge service is declined, and no receipt is mailed', async () => {
  await start();
  const { id } = await place({ ...beans, items: [{ product: 'grinder', quantity: 9 }] });
  await untilStatus(id, 'declined');
  expect(charges.decisions.get(id)).toBe(402);
  expect(mailer.messages).toEqual([]);
});

test('an order that is not charged in time expires, and is not charged later', { timeout: 30_000 }, async () => {
  const held = new Deferred();
  charges.beforeDecision = () => held.promise;
  await start({ worker: { expireAfter: '1ms' } });
  const { id } = await place();
  await untilStatus(id, 'expired');
  held.resolve();
  await eventually(() => expect(charges.requests).toHaveLength(1));
  await app.stop();
  expect(charges.decisions.get(id)).toBe(409);
  expect(mailer.messages).toEqual([]);
});

test('an order that was charged late does not expire', { timeout: 30_000 }, async () => {
  charges.failures.push(503);
  await start({ worker: { expireAfter: '1ms' }, messaging: { backoff: { minDelay: '1h', maxDelay: '1h' } } });
  const { id } = await place();
  await eventually(() => expect(charges.failures).toEqual([]), { timeoutMs: 10_000 });
  // The service has charged the order, but its response was lost.
  charges.decisions.set(id, 201);
  await eventually(() => expect(messages('warn')).toContain(`Order ${id} was charged late and does not expire`), {
    timeoutMs: 10_000,
  });
  expect((await read(id)).status).toBe('placed');
});

test('a charge is repeated until the service decides', async () => {
  await start();
  charges.failures.push(503, 500, 429);
  const { id } = await place();
  await untilStatus(id, 'mailed');
  expect(charges.failures).toEqual([]);
  expect(charges.requests).toHaveLength(1);
});

test('orders of a process that was stopped continue after its next start', async () => {
  const recovery = { type: Recovery };
  await start({
    charges: { url: 'http://127.0.0.1:1' },
    recovery,
    messaging: { backoff: { minDelay: '1h', maxDelay: '1h' } },
  });
  const { id } = await place();
  await eventually(() => expect(messages('warn').join()).toContain('charges'), { timeoutMs: 10_000 });
  await app.stop();
  await start({ recovery });
  await untilStatus(id, 'mailed');
  expect(charges.requests).toHaveLength(1);
});

describe('a request that is repeated with its Idempotency-Key', () => {
  test('places one order, also if both requests arrive at once', async () => {
    await start();
    const headers = { 'idempotency-key': 'basket-7' };
    const [first, second] = await Promise.all([place(beans, headers), place(beans, headers)]);
    expect(second.id).toBe(first.id);
    await untilStatus(first.id, 'mailed');
    const third = await post(beans, headers);
    expect(third.headers.get('idempotent-replayed')).toBe('true');
    expect(await third.json()).toMatchObject({ id: first.id, status: 'mailed' });
    expect(charges.requests).toHaveLength(1);
    expect(mailer.messages).toHaveLength(1);
  });

  test('is refused if it contains another order', async () => {
    await start();
    const headers = { 'idempotency-key': 'basket-7' };
    await place(beans, headers);
    const response = await post({ ...beans, email: 'bob@example.org' }, headers);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ detail: 'Another request has used this Idempotency-Key' });
  });
});

test('a faulty order is refused with its problems, and an unknown one is not found', async () => {
  await start();
  const response = await post({ email: 'ada', items: [{ product: 'toString', quantity: 0 }] });
  expect(response.status).toBe(400);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toMatchObject({
    errors: [
      { in: 'json', path: 'email', message: 'Must be a mail address' },
      { in: 'json', path: 'items.0.product', message: 'No such product exists' },
      { in: 'json', path: 'items.0.quantity' },
    ],
  });
  expect((await fetch(`${url}/orders/7`)).status).toBe(400);
  expect((await fetch(`${url}/orders/7a9f6c0e-8d1b-4b6e-9c57-2f1f3f0f8a11`)).status).toBe(404);
  expect((await post(beans, { 'idempotency-key': 'two words' })).status).toBe(400);
});

test('the list of orders has pages, newest first, and can be filtered by status', async () => {
  await start();
  const placed: string[] = [];
  for (const quantity of [1, 2, 3, 99]) {
    placed.unshift((await place({ ...beans, items: [{ product: 'beans', quantity }] })).id);
  }
  await untilStatus(placed[0]!, 'declined');
  for (const id of placed.slice(1)) await untilStatus(id, 'mailed');

  const ids = async (response: Response): Promise<string[]> =>
    ((await response.json()) as OrderBody[]).map(({ id }) => id);
  const first = await fetch(`${url}/orders?limit=3`);
  expect(await ids(first)).toEqual(placed.slice(0, 3));
  const [, next] = /^<(\S+)>; rel="next"$/.exec(first.headers.get('link')!)!;
  const last = await fetch(new URL(next!, url));
  expect(last.headers.get('link')).toBeNull();
  expect(await ids(last)).toEqual(placed.slice(3));
  expect(await ids(await fetch(`${url}/orders?status=declined`))).toEqual([placed[0]]);
});
