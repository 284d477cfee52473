/** Kills and freezes the leader among three processes again and again, at random moments. */
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BundledPrograms } from '@asphalt/test-support/bundle';
import { FragileProcess } from '@asphalt/test-support/processes';
import { postgresServer } from '@asphalt/testing/servers';
import pg from 'pg';
import type { CrashEngine } from './engines.ts';
import { createFencedData, readFigures, type Figures } from './fenced-data.ts';
import type { LeaderJob } from './leader-process.ts';

const program = new URL('leader-process.ts', import.meta.url);

const leaseMs = 300;
/** A new leader exists after about one lease. A process that starts takes much longer on a busy machine. */
const limitMs = 180_000;

export interface LeaderCrashOptions {
  /** Number of kills and freezes. */
  readonly rounds: number;
  /** Returns numbers from 0 to 1. */
  readonly random: () => number;
  /** @default true */
  readonly isFenced?: boolean;
  readonly onRound?: (round: number, figures: Figures) => void;
}

export interface LeaderCrashFigures extends Figures {
  readonly kills: number;
  readonly freezes: number;
  /** The longest time from a kill or freeze to the first write of a later leader. */
  readonly slowestMs: number;
}

export async function crashLeaders(engine: CrashEngine, options: LeaderCrashOptions): Promise<LeaderCrashFigures> {
  await using database = await postgresServer();
  await using broker = await engine.server();
  await using programs = await BundledPrograms.build([program, engine.components]);
  const job = {
    components: programs.of(engine.components).href,
    config: engine.config(broker.url),
    leaseMs,
    database: database.url,
    isFenced: options.isFenced ?? true,
  };
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const failing = new AbortController();
  const candidates = new Candidates(programs.of(program), job, (error) => failing.abort(error));
  try {
    await createFencedData(client);
    candidates.start(3);
    return await new Rounds(client, candidates, options, failing.signal).run();
  } finally {
    await candidates.stop();
    await client.end();
  }
}

/** The processes, by their numbers. */
class Candidates {
  readonly #program: string;
  readonly #job: Omit<LeaderJob, 'writer'>;
  readonly #onFailure: (error: Error) => void;
  readonly #processes = new Map<number, FragileProcess>();
  readonly frozen = new Set<number>();
  #started = 0;

  constructor(program: URL, job: Omit<LeaderJob, 'writer'>, onFailure: (error: Error) => void) {
    this.#program = fileURLToPath(program);
    this.#job = job;
    this.#onFailure = onFailure;
  }

  start(count: number): void {
    for (let left = count; left > 0; left--) {
      const job: LeaderJob = { ...this.#job, writer: ++this.#started };
      const candidate = new FragileProcess({
        args: [this.#program, JSON.stringify(job)],
        onFailure: this.#onFailure,
      });
      candidate.start();
      this.#processes.set(job.writer, candidate);
    }
  }

  isRunning(writer: number): boolean {
    return this.#processes.has(writer);
  }

  async replace(writer: number): Promise<void> {
    await this.#processes.get(writer)!.kill();
    this.#processes.delete(writer);
    this.start(1);
  }

  freeze(writer: number): void {
    this.frozen.add(writer);
    this.#processes.get(writer)!.freeze();
  }

  thaw(writer: number): void {
    this.#processes.get(writer)!.thaw();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#processes.values()].map((candidate) => candidate.kill()));
  }
}

class Rounds {
  readonly #client: pg.Client;
  readonly #candidates: Candidates;
  readonly #options: LeaderCrashOptions;
  readonly #failed: AbortSignal;
  #kills = 0;
  #freezes = 0;
  #slowestMs = 0;

  /** @param failed - fires when a process has ended by itself */
  constructor(client: pg.Client, candidates: Candidates, options: LeaderCrashOptions, failed: AbortSignal) {
    this.#client = client;
    this.#candidates = candidates;
    this.#options = options;
    this.#failed = failed;
  }

  async run(): Promise<LeaderCrashFigures> {
    const { rounds, random, onRound } = this.#options;
    let figures = await this.#laterThan(0);
    for (let round = 1; round <= rounds; round++) {
      // The moment is random within two leases: during a takeover, the first write or a renewal.
      await pause(random() * leaseMs * 2);
      // The last write of a killed process may arrive after that of its successor.
      const { fence, writer } = await this.#until((figures) => this.#candidates.isRunning(figures.writer));
      const startedAt = performance.now();
      figures = random() < 0.5 ? await this.#kill(writer, fence) : await this.#freeze(writer, fence);
      this.#slowestMs = Math.max(this.#slowestMs, performance.now() - startedAt);
      onRound?.(round, figures);
    }
    return { ...figures, kills: this.#kills, freezes: this.#freezes, slowestMs: this.#slowestMs };
  }

  async #kill(writer: number, fence: number): Promise<Figures> {
    this.#kills++;
    await this.#candidates.replace(writer);
    return this.#laterThan(fence);
  }

  /** The frozen process continues after another one has written, as if its term had not ended. */
  async #freeze(writer: number, fence: number): Promise<Figures> {
    this.#freezes++;
    this.#candidates.freeze(writer);
    const figures = await this.#laterThan(fence);
    this.#candidates.thaw(writer);
    return figures;
  }

  /** Resolves when a later leader has written. */
  async #laterThan(fence: number): Promise<Figures> {
    return this.#until((figures) => figures.fence > fence);
  }

  async #until(isReached: (figures: Figures) => boolean): Promise<Figures> {
    for (const startedAt = performance.now(); ;) {
      this.#failed.throwIfAborted();
      const figures = await readFigures(this.#client, this.#candidates.frozen);
      if (isReached(figures)) return figures;
      if (performance.now() - startedAt > limitMs) throw new Error(`no later leader than ${JSON.stringify(figures)}`);
      await pause(5);
    }
  }
}
