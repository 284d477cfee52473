/** Each configuration of several processes: a web service and two workers on real servers. */
import {
  natsServer,
  postgresServer,
  redisServer,
  smtpServer,
  unavailable,
  type ServerName,
  type TestServer,
} from '@asphalt/testing/servers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '@asphalt/testing';
import { Deferred } from '@asphalt/test-support';
import { ChargeServer } from '../charge-server.ts';
import { createDatabase } from '../create-database.ts';
import { EventStream } from '../event-stream.ts';
import { OrdersProcess } from './orders-process.ts';

interface Engine {
  /** The files after services.yaml. */
  readonly files: readonly string[];
  readonly server?: { readonly name: ServerName; readonly variable: string; start(): Promise<TestServer> };
}

const engines: Readonly<Record<string, Engine>> = {
  'PostgreSQL alone': { files: [] },
  'PostgreSQL and Redis': {
    files: ['redis.yaml'],
    server: { name: 'redis', variable: 'REDIS_URL', start: () => redisServer() },
  },
  'PostgreSQL and NATS': {
    files: ['nats.yaml'],
    server: { name: 'nats', variable: 'NATS_URL', start: () => natsServer() },
  },
};

/** More than one worker handles at a time. */
const orderCount = 12;
const startLimitMs = 120_000;

describe.skipIf(unavailable('postgres'))(unavailable('postgres') || 'on servers', () => {
  let postgres: TestServer;
  let cleanUps: Array<() => Promise<unknown>> = [];

  beforeAll(async () => {
    postgres = await postgresServer();
  }, startLimitMs);
  afterAll(() => postgres.stop(), startLimitMs);
  afterEach(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
    cleanUps = [];
  }, startLimitMs);

  for (const [title, { files, server }] of Object.entries(engines)) {
    const missing = server !== undefined && unavailable(server.name);
    test.skipIf(missing)(
      `${title}: two workers share the orders of a web service`,
      { timeout: startLimitMs },
      async () => {
        const charges = await ChargeServer.open();
        cleanUps.push(() => charges.close());
        const mails = await smtpServer();
        cleanUps.push(() => mails.stop());
        const smtp = new URL(mails.url);
        const env: Record<string, string> = {
          DATABASE_URL: await createDatabase(postgres.url, title.replaceAll(' ', '_').toLowerCase()),
          CHARGES_URL: charges.url,
          SMTP_HOST: smtp.hostname,
          SMTP_PORT: smtp.port,
        };
        if (server !== undefined) {
          const started = await server.start();
          cleanUps.push(() => started.stop());
          env[server.variable] = started.url;
        }
        const start = async (service: string): Promise<OrdersProcess> => {
          // The requests to charge wait for each other, and a loaded machine needs more than the default limits.
          const limits = ['charges', 'sql', 'news'].map((component) => `${component}.timeout=60s`);
          const sets = ['web.port=0', ...limits].map((text) => `--set=component.components.${text}`);
          const process = OrdersProcess.launch(['services.yaml', ...files, '--service', service, ...sets], env);
          cleanUps.push(() => process.kill());
          return process.started();
        };
        const [web, ...workers] = await Promise.all([start('web'), start('worker'), start('worker')]);
        for (const process of [web, ...workers]) await untilReady(process);

        const stream = EventStream.open(`${web.url}/events`);
        await stream.next(({ event }) => event === 'counts');
        // Each worker handles 8 orders at a time, so the last decision needs both.
        const busy = new Deferred();
        charges.beforeDecision = async () => {
          if (charges.requests.length >= orderCount) busy.resolve();
          await busy.promise;
        };
        const ids = await Promise.all(Array.from({ length: orderCount }, () => place(web)));
        const seen = new Set<string>();
        while (seen.size < orderCount) {
          const { data } = await stream.next(({ event, data }) => event === 'order' && isMailed(data));
          seen.add((data as { readonly id: string }).id);
        }
        stream.close();

        expect(seen).toEqual(new Set(ids));
        expect(new Set(charges.requests.map(({ order }) => order))).toEqual(new Set(ids));
        expect(charges.requests).toHaveLength(orderCount);
        const mailed = mails.mails.map(({ source }) => /^Message-ID: <order-(\S+)@/im.exec(source)![1]!);
        expect(mailed.toSorted()).toEqual(ids.toSorted());
        for (const { output } of workers) expect(output).toContain('was charged');
        for (const process of [web, ...workers]) expect(await process.stop()).toBe(0);
      },
    );
  }
});

async function untilReady({ url }: OrdersProcess): Promise<void> {
  await eventually(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), { timeoutMs: 30_000 });
}

function isMailed(data: unknown): boolean {
  return (data as { readonly html: string }).html.includes('data-status="mailed"');
}

async function place({ url, output }: OrdersProcess): Promise<string> {
  const response = await fetch(`${url}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'ada@example.org', items: [{ product: 'beans', quantity: 1 }] }),
  });
  expect(response.status, output).toBe(201);
  return ((await response.json()) as { readonly id: string }).id;
}
