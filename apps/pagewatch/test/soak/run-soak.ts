/**
 * Runs pagewatch in a separate process, with a constantly changing site and clients of the live stream, and compares the
 * versions that the site sent with the recorded and the shown ones.
 */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { HistorySchema } from '../../src/history-schema.ts';
import { PagewatchProcess } from '../e2e/pagewatch-process.ts';
import { openDatabase } from '../open-database.ts';
import { ChangingSite, versionIn } from './changing-site.ts';
import { CountingClient } from './counting-client.ts';

export interface SoakOptions {
  readonly seconds: number;
  readonly clients: number;
  /** Changes per second. Each page changes once a second. */
  readonly rate: number;
}

export interface SoakReport {
  /** The time during which the site changed. */
  readonly seconds: number;
  /** The numbers of changes: made by the site, recorded, and received by every client in time. */
  readonly made: number;
  readonly recorded: number;
  readonly shown: number;
  /** Versions that the site sent and that are not in the database. */
  readonly lost: readonly string[];
  /** The number of changes that a client did not receive, or not in order. */
  readonly gaps: number;
  /** The longest response time of the overview page, in milliseconds. */
  readonly slowestPageMs: number;
  readonly exitCode: number | string;
  readonly process: {
    readonly delayMs: { readonly median: number; readonly p99: number; readonly max: number };
    readonly peakRss: number;
    readonly cpuSeconds: number;
  };
}

const periodMs = 1_000;
/** Time limit for recording and showing the last changes. */
const settleMs = 30_000;

export async function runSoak({ seconds, clients: clientCount, rate }: SoakOptions): Promise<SoakReport> {
  const folder = await mkdtemp(join(tmpdir(), 'pagewatch-soak-'));
  const site = await ChangingSite.open(rate, periodMs);
  const clients: CountingClient[] = [];
  let pagewatch: PagewatchProcess | undefined;
  try {
    pagewatch = await start(site, folder);
    const { url } = pagewatch;
    await until(() => site.served.size === rate);
    clients.push(...(await Promise.all(Array.from({ length: clientCount }, () => CountingClient.open(url)))));

    pagewatch.signal('SIGUSR2');
    site.start();
    const startedAt = performance.now();
    const slowestPageMs = await visit(url, seconds);
    const took = (performance.now() - startedAt) / 1_000;
    const shown = Math.min(...clients.map((client) => client.shown));
    site.stop();
    // The first version of a page is not a change.
    await until(() => site.isSeen && clients.every((client) => client.shown >= site.served.size - rate));
    const gaps = clients.reduce(
      (sum, client) => sum + client.gaps + Math.abs(site.served.size - rate - client.shown),
      0,
    );
    for (const client of clients) client.close();

    const exitCode = await pagewatch.stop();
    const { versions, changes } = await recordedIn(join(folder, 'pagewatch.db'));
    return {
      seconds: took,
      made: site.changes,
      recorded: changes,
      shown,
      lost: [...site.served].filter((version) => !versions.has(version)),
      gaps,
      slowestPageMs,
      exitCode,
      process: JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as SoakReport['process'],
    };
  } catch (error) {
    throw new Error(`the load test failed; pagewatch wrote last:\n${pagewatch?.output.slice(-2_000)}`, {
      cause: error,
    });
  } finally {
    for (const client of clients) client.close();
    await pagewatch?.kill();
    await site.close();
    await rm(folder, { recursive: true });
  }
}

async function start(site: ChangingSite, folder: string): Promise<PagewatchProcess> {
  const pages = Array.from({ length: site.pages }, (_, page) => [
    `page/p${page}`,
    // Slightly more often than twice in the lifetime of a version.
    { url: `${site.url}/${page}`, title: `Page ${page}`, every: '400ms', allowPrivate: true },
  ]);
  const config = join(folder, 'pages.json');
  await writeFile(config, JSON.stringify({ component: { components: Object.fromEntries(pages) as object } }));
  return PagewatchProcess.start(
    { 'web.port': '0', 'sql.file': join(folder, 'pagewatch.db'), 'mailer.folder': join(folder, 'mail') },
    {
      files: [config],
      imports: [fileURLToPath(new URL('probe.mjs', import.meta.url))],
      env: { SOAK_REPORT: join(folder, 'report.json') },
    },
  );
}

/** Visits the overview page once a second. @returns the longest response time */
async function visit(url: string, seconds: number): Promise<number> {
  const endAt = performance.now() + seconds * 1_000;
  let slowestMs = 0;
  for (let startedAt = performance.now(); startedAt < endAt; startedAt = performance.now()) {
    await load(url);
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    await sleep(Math.min(1_000, Math.max(0, endAt - performance.now())));
  }
  return Math.round(slowestMs);
}

/** Loads a page over a new connection. */
async function load(url: string): Promise<void> {
  const [response] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
}

async function recordedIn(file: string): Promise<{ versions: ReadonlySet<string>; changes: number }> {
  const { db, close } = await openDatabase<HistorySchema>({ file });
  const versions = await db.selectFrom('versions').select('text').execute();
  const changes = await db.selectFrom('changes').select('id').execute();
  await close();
  return { versions: new Set(versions.map(({ text }) => versionIn(text))), changes: changes.length };
}

/** Waits for a condition up to a time limit. The caller compares the results. */
async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + settleMs;
  while (!isTrue() && performance.now() < deadline) await sleep(20);
}
