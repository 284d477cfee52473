/** Takes orders under load, and kills a random process again and again. */
import { setTimeout as pause } from 'node:timers/promises';
import { SourceProcess } from '@asphalt/test-support/processes';
import { eventually, freePort } from '@asphalt/testing';
import { postgresServer, smtpServer } from '@asphalt/testing/servers';
import pg from 'pg';
import { IdempotentCharges } from './idempotent-charges.ts';
import { MailCount } from './mail-count.ts';
import { OrderLoad } from './order-load.ts';
import type { OrderJob } from './order-process.ts';
import { doubles, verify, type Findings } from './verify.ts';

const leaseMs = 2000;
/** Kills of a process happen this often on average. */
const averagePauseMs = 500;
/** On a busy machine, the start of a process takes long. */
const waiting = { timeoutMs: 120_000 };
const program = new URL('order-process.ts', import.meta.url);

export interface OrderCrashOptions {
  /** The largest number of kills. */
  readonly kills: number;
  /** Returns numbers from 0 to 1. */
  readonly random: () => number;
  /** @default true */
  readonly withInbox?: boolean;
  /** Whether the kills end as soon as an effect has happened twice. @default false */
  readonly untilDouble?: boolean;
  readonly onKill?: (kill: number, orders: number, mailed: number) => void;
}

export interface OrderCrash extends Findings {
  readonly kills: number;
  readonly orders: number;
  /** Requests that clients have sent again because they got no response. */
  readonly repeatedRequests: number;
  /** Requests that the charge service recognized by their keys. */
  readonly repeatedCharges: number;
}

export async function crashOrders(options: OrderCrashOptions): Promise<OrderCrash> {
  await using database = await postgresServer();
  await using mails = await smtpServer();
  const charges = await IdempotentCharges.open();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query('create table effect (order_id text not null, status text not null)');
  const ports = [await freePort(), await freePort()];
  const job = (role: OrderJob['role'], port?: number): OrderJob => ({
    role,
    withInbox: options.withInbox ?? true,
    config: {
      sql: { url: database.url },
      messaging: { type: 'postgres-messaging', url: database.url, lease: leaseMs },
      outbox: { poll: 200 },
      mailer: { host: mails.host, port: mails.port, tls: 'off', from: 'orders@example.org' },
      charges: { url: charges.url },
      ...(port !== undefined && { web: { port } }),
    },
  });
  const jobs = [...ports.map((port) => job('web', port)), job('worker'), job('worker'), job('worker')];
  const failing = new AbortController();
  const processes = jobs.map(
    (each) => new SourceProcess({ program, args: [JSON.stringify(each)], onFailure: (error) => failing.abort(error) }),
  );
  const count = new MailCount(mails.mails);
  const load = new OrderLoad({
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    clients: 4,
    random: options.random,
    finished: () => count.byOrder.size,
  });
  /** Resolves when so many orders are mailed. */
  const mailed = async (orders: number): Promise<void> => {
    const isReached = (): boolean => count.byOrder.size >= orders;
    await eventually(() => {
      if (!isReached() && !failing.signal.aborted) throw new Error(`only ${count.byOrder.size} orders of ${orders} are mailed`);
    }, waiting);
    failing.signal.throwIfAborted();
  };
  try {
    for (const each of processes) each.start();
    const placing = load.run();
    let kills = 0;
    for (; kills < options.kills; kills++) {
      // Work continues between two kills.
      await mailed(count.byOrder.size + 5);
      if (options.untilDouble && (await doubles(client)).length > 0) break;
      await pause(options.random() * 2 * averagePauseMs);
      const victim = processes[Math.floor(options.random() * processes.length)]!;
      await victim.kill();
      victim.start();
      options.onKill?.(kills + 1, load.accepted.size, count.byOrder.size);
    }
    load.end();
    await placing;
    await mailed(load.accepted.size);
    // TODO settle
    const findings = await verify({ client, load, charges, mailsByOrder: count.byOrder });
    const calls = [...charges.calls.values()].reduce((sum, each) => sum + each, 0);
    return {
      ...findings,
      kills,
      orders: load.accepted.size,
      repeatedRequests: load.repeated,
      repeatedCharges: calls - charges.calls.size,
    };
  } finally {
    load.abort();
    await Promise.all(processes.map((each) => each.kill()));
    await client.end();
    await charges.stop();
  }
}
