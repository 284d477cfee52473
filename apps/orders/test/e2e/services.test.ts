/** Runs the commands of the page for several processes: a web service and two workers, on real servers. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Deferred } from '@asphalt/test-support';
import { eventually } from '@asphalt/testing';
import {
  natsServer,
  postgresServer,
  redisServer,
  smtpServer,
  unavailable,
  type ServerName,
  type TestServer,
} from '@asphalt/testing/servers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFailed, test } from 'vitest';
import { ChargeServer } from '../charge-server.ts';
import { createDatabase } from '../create-database.ts';
import { EventStream } from '../event-stream.ts';
import { asphaltCommands } from '../readme.ts';
import { asphalt, OrdersProcess } from './orders-process.ts';

interface Engine {
  /** The heading of its commands. */
  readonly chapter: string;
  /** The components that connect to servers. */
  readonly clients: readonly string[];
  readonly server?: { readonly name: ServerName; readonly variable: string; start(): Promise<TestServer> };
}

const engines: Readonly<Record<string, Engine>> = {
  'PostgreSQL alone': { chapter: 'Two services on PostgreSQL', clients: ['sql', 'news', 'messaging'] },
  'PostgreSQL and Redis': {
    chapter: 'Messages on Redis',
    clients: ['sql', 'news', 'redis'],
    server: { name: 'redis', variable: 'REDIS_URL', start: () => redisServer() },
  },
  'PostgreSQL and NATS': {
    chapter: 'Messages on NATS',
    clients: ['sql', 'news', 'nats'],
    server: { name: 'nats', variable: 'NATS_URL', start: () => natsServer() },
  },
};

/** A worker handles at most 8 at a time. */
const orderCount = 12;
const limitMs = 240_000;

describe.skipIf(unavailable('postgres'))(`${unavailable('postgres') || 'on servers'}`, { timeout: limitMs }, () => {
  let postgres: TestServer;
  let charges: ChargeServer;
  let mails: Awaited<ReturnType<typeof smtpServer>>;
  let env: Record<string, string>;
  let cleanUps: Array<() => Promise<unknown>>;

  beforeAll(async () => {
    postgres = await postgresServer();
  }, limitMs);
  afterAll(() => postgres.stop(), limitMs);
  beforeEach(async () => {
    charges = await ChargeServer.open();
    mails = await smtpServer();
    cleanUps = [() => charges.close(), () => mails.stop()];
    const { hostname, port } = new URL(mails.url);
    env = { CHARGES_URL: charges.url, SMTP_HOST: hostname, SMTP_PORT: port };
  });
  afterEach(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  }, limitMs);

  /** Starts the processes of a chapter of the page. */
  async function start({ chapter, clients, server }: Engine): Promise<OrdersProcess[]> {
    env['DATABASE_URL'] = await createDatabase(postgres.url, chapter.replaceAll(' ', '_').toLowerCase());
    if (server !== undefined) {
      const started = await server.start();
      cleanUps.push(() => started.stop());
      env[server.variable] = started.url;
    }
    // A loaded machine needs more than the default limits.
    const limits = ['timeout=60s', 'connect.timeout=60s', 'connect.for=100s'];
    const settings = clients.flatMap((client) => limits.map((limit) => `${client}.${limit}`));
    const sets = ['web.port=0', 'charges.timeout=60s', ...settings].map((text) => `--set=component.components.${text}`);
    const commands = asphaltCommands(chapter, 'run').filter(([, file]) => file === 'services.yaml');
    const processes = commands.map(([, ...args]) => OrdersProcess.launch([...args, ...sets], env));
    cleanUps.push(() => Promise.all(processes.map((process) => process.kill())));
    onTestFailed(() => processes.forEach(({ output }) => console.error(output)));
    return Promise.all(processes.map((process) => process.started()));
  }

  for (const [title, engine] of Object.entries(engines)) {
    const missing = engine.server !== undefined && unavailable(engine.server.name);
    test.skipIf(missing)(`${title}: two workers share the orders of a web service`, async () => {
      const [web, ...workers] = await start(engine);
      expect(workers).toHaveLength(2);
      for (const process of [web!, ...workers]) await untilReady(process);

      const stream = EventStream.open(`${web!.url}/events`);
      await stream.next(({ event }) => event === 'counts');
      // The first decision needs more charges than one worker handles at a time.
      const busy = new Deferred();
      charges.beforeDecision = async () => {
        if (charges.requests.length >= orderCount) busy.resolve();
        await busy.promise;
      };
      const ids = await Promise.all(Array.from({ length: orderCount }, () => place(web!)));
      const seen = new Set<string>();
      while (seen.size < orderCount) {
        const { data } = await stream.next(({ event, data: order }) => event === 'order' && isMailed(order));
        seen.add((data as { readonly id: string }).id);
      }
      stream.close();

      expect(seen).toEqual(new Set(ids));
      expect(charges.requests.map(({ order }) => order).toSorted()).toEqual(ids.toSorted());
      const mailed = mails.mails.map(({ source }) => /^Message-ID: <order-(\S+)@/im.exec(source)![1]!);
      expect(mailed.toSorted()).toEqual(ids.toSorted());
      for (const { output } of workers) expect(output).toContain('was charged');
      expect(await queuesOf(engine)).toMatch(/^charges +0 .*\nmails +0 /m);
      for (const process of [web!, ...workers]) expect(await process.stop()).toBe(0);
    });
  }

  /** Lists the queues with the command of the page, and the files of the engine. */
  async function queuesOf({ chapter }: Engine): Promise<string> {
    const [list] = asphaltCommands('Operation', 'queues');
    const files = asphaltCommands(chapter, 'run')
      .flat()
      .filter((word) => /^(redis|nats)\.yaml$/.test(word));
    const { stdout } = await promisify(execFile)(process.execPath, [asphalt.command, ...list!, ...new Set(files)], {
      cwd: asphalt.folder,
      env: { ...process.env, ...env },
    });
    return stdout;
  }
});

async function untilReady({ url }: OrdersProcess): Promise<void> {
  await eventually(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), { timeoutMs: 30_000 });
}

function isMailed(data: unknown): boolean {
  return (data as { readonly html: string }).html.includes('data-status="mailed"');
}

async function place({ url }: OrdersProcess): Promise<string> {
  const response = await fetch(`${url}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'ada@example.org', items: [{ product: 'beans', quantity: 1 }] }),
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { readonly id: string }).id;
}
