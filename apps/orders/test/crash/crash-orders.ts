/** Takes orders under load, and kills a random process again and again. */
import { setTimeout as pause } from 'node:timers/promises';
import { Messaging } from '@asphalt/messaging';
import { FragileProcess } from '@asphalt/test-support/processes';
import { eventually, freePort } from '@asphalt/testing';
import { postgresServer, smtpServer } from '@asphalt/testing/servers';
import pg from 'pg';
import { BuiltApp } from './built-app.ts';
import { Broker } from './engines.ts';
import { IdempotentCharges } from './idempotent-charges.ts';
import { MailCount } from './mail-count.ts';
import { OrderLoad } from './order-load.ts';
import { doubles, verify, type Findings } from './verify.ts';

/** The average time between the progress after a kill and the next kill, in milliseconds. */
const averagePauseMs = 500;
/** On a busy machine, the start of a process takes long. */
const waiting = { timeoutMs: 300_000 };

export interface OrderCrashOptions {
  readonly engine: string;
  /** The largest number of kills. */
  readonly kills: number;
  /** Number of processes that only serve the API. If it is 0, the workers serve it, too. */
  readonly webs: number;
  /** Number of processes that charge and mail. */
  readonly workers: number;
  /** Number of clients that place orders one after the other. */
  readonly clients: number;
  /** The average time between two orders of a client, in milliseconds. @default 50 */
  readonly pauseMs?: number;
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
  /** Processes that have ended without a kill, and were started again. */
  readonly ends: number;
  readonly orders: number;
  /** Requests that clients have sent again because no process accepted them. */
  readonly repeatedRequests: number;
  /** Requests that the charge service recognized by their keys. */
  readonly repeatedCharges: number;
}

export async function crashOrders(options: OrderCrashOptions): Promise<OrderCrash> {
  await using database = await postgresServer();
  await using mails = await smtpServer();
  await using charges = await IdempotentCharges.open();
  await using broker = await Broker.start(options.engine, database.url);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    ...broker.env,
    CHARGES_URL: charges.url,
    SMTP_HOST: mails.host,
    SMTP_PORT: String(mails.port),
  };
  const files = ['services.yaml', ...broker.files, 'test/crash/crash.yaml'];
  if (options.withInbox === false) files.push('test/crash/without-inbox.yaml');
  const build = (service: string, ...args: readonly string[]): Promise<BuiltApp> =>
    BuiltApp.build({ args: [...files, '--service', service, ...broker.args, ...args], env });
  const { webs, workers } = options;
  await using web = webs > 0 ? await build('web') : undefined;
  await using worker = await build('worker', `--set=component.components.api.enabled=${!web}`);
  let ends = 0;
  const service = ({ main }: BuiltApp, port: number): FragileProcess => {
    const started: FragileProcess = new FragileProcess({
      args: [main, `--set=component.components.web.port=${port}`],
      env,
      onFailure: () => {
        ends++;
        started.start();
      },
    });
    return started;
  };
  const ports = await Promise.all(Array.from({ length: webs || workers }, () => freePort()));
  const processes = ports.map((port) => service(web ?? worker, port));
  if (web) for (let left = workers; left > 0; left--) processes.push(service(worker, 0));
  const count = new MailCount(mails.mails);
  const load = new OrderLoad({
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    clients: options.clients,
    pauseMs: options.pauseMs,
    random: options.random,
    finished: () => count.byOrder.size,
  });
  const run = new Run({ client, processes, count, load, broker }, options);
  try {
    await client.query('create table effect (order_id text not null, status text not null)');
    for (const each of processes) each.start();
    const kills = await run.kill();
    await run.settle();
    const findings = await verify({ client, load, charges, mailsByOrder: count.byOrder });
    return {
      ...findings,
      kills,
      ends,
      orders: load.accepted.size,
      repeatedRequests: load.repeated,
      repeatedCharges: charges.repeated,
    };
  } finally {
    load.abort();
    await Promise.all(processes.map((each) => each.kill()));
    await client.end();
  }
}

interface Parts {
  readonly client: pg.Client;
  readonly processes: readonly FragileProcess[];
  readonly count: MailCount;
  readonly load: OrderLoad;
  readonly broker: Broker;
}

class Run {
  readonly #parts: Parts;
  readonly #options: OrderCrashOptions;

  constructor(parts: Parts, options: OrderCrashOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  /** Kills processes under load, and starts each again at once. @returns the number of kills, after all orders were accepted */
  async kill(): Promise<number> {
    const { client, processes, count, load } = this.#parts;
    const { kills, random, untilDouble = false, onKill } = this.#options;
    const placed = load.run();
    let done = 0;
    while (done < kills) {
      // Some work is done between two kills.
      await this.#mailed(count.byOrder.size + 5);
      if (untilDouble && (await doubles(client)).length > 0) break;
      await pause(random() * 2 * averagePauseMs);
      const victim = processes[Math.floor(random() * processes.length)]!;
      await victim.kill();
      victim.start();
      done++;
      onKill?.(done, load.accepted.size, count.byOrder.size);
    }
    load.end();
    await placed;
    return done;
  }

  /** Waits until the processes have nothing left to do. If they never reach that, the findings will show it. */
  async settle(): Promise<void> {
    const { load, broker } = this.#parts;
    await this.#mailed(load.accepted.size).catch(() => undefined);
    const observer = await broker.observe();
    const messaging = observer.context.getResourceSync(Messaging);
    const empty = eventually(async () => {
      for (const name of ['charges', 'mails']) {
        const { ready, running, delayed } = await messaging.queue(name).state();
        if (ready + running + delayed > 0) throw new Error(`Queue ${name} is not empty`);
      }
    }, waiting);
    await empty.catch(() => undefined);
    await observer.stop();
  }

  async #mailed(orders: number): Promise<void> {
    const { count } = this.#parts;
    await eventually(() => {
      const { size } = count.byOrder;
      if (size < orders) throw new Error(`Only ${size} orders of ${orders} are mailed`);
    }, waiting);
  }
}
