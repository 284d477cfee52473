/** Runs work while this process holds a lease of an engine. It must not know how engines store leases. */
import { callAfter, type Logger } from '@asphalt/core';
import { pause } from '@asphalt/integration';
import { Leader, type Term } from '../leader.ts';
import type { LeaseStore } from './engine.ts';

export interface LeaderSettings {
  readonly name: string;
  readonly leaseMs: number;
  readonly logger: Logger;
}

export class EngineLeader extends Leader {
  readonly name: string;
  readonly #store: LeaseStore;
  readonly #leaseMs: number;
  readonly #logger: Logger;

  constructor(store: LeaseStore, { name, leaseMs, logger }: LeaderSettings) {
    super();
    this.name = name;
    this.#store = store;
    this.#leaseMs = leaseMs;
    this.#logger = logger;
  }

  override async run(abort: AbortSignal, work: (term: Term) => Promise<void>): Promise<void> {
    for (let failures = 0; !abort.aborted;) {
      const sentAt = performance.now();
      let token: number | undefined;
      try {
        token = await this.#store.acquire(this.#leaseMs);
        failures = 0;
      } catch (error) {
        if (failures++ === 0) this.#warn('be acquired', error);
      }
      if (token !== undefined && (await this.#hold(token, sentAt, abort, work))) return;
      if (!abort.aborted) await this.#waitToAcquire(abort);
    }
  }

  /** Runs the work in a term. @returns whether the work ended within it, so that nothing is left to do */
  async #hold(
    token: number,
    sentAt: number,
    abort: AbortSignal,
    work: (term: Term) => Promise<void>,
  ): Promise<boolean> {
    const term = new Renewal(this.#store, token, this.#leaseMs, sentAt, (error) => this.#warn('be renewed', error));
    try {
      await work({ abort: AbortSignal.any([abort, term.lost]), token });
      return !term.lost.aborted;
    } catch (error) {
      if (abort.aborted) return true;
      if (!term.lost.aborted) throw error;
      return false;
    } finally {
      await term.end();
    }
  }

  async #waitToAcquire(abort: AbortSignal): Promise<void> {
    // Processes that wait for the same lease do not ask at the same moments.
    await pause((this.#leaseMs / 4) * (0.5 + Math.random() / 2), abort).catch(() => undefined);
  }

  #warn(problem: string, error: unknown): void {
    this.#logger.warn(`The lease of leader ${this.name} cannot ${problem}`, { error });
  }
}

/** Renews the lease of one term until it ends. */
class Renewal {
  readonly #store: LeaseStore;
  readonly #token: number;
  readonly #leaseMs: number;
  readonly #failed: (error: unknown) => void;
  readonly #lost = new AbortController();
  readonly #ended = new AbortController();
  readonly #renewing: Promise<void>;
  /** Ends the term at ⅔ of the lease, counted from before the last successful renewal was sent. */
  #cancelLimit: () => void;

  constructor(store: LeaseStore, token: number, leaseMs: number, sentAt: number, failed: (error: unknown) => void) {
    this.#store = store;
    this.#token = token;
    this.#leaseMs = leaseMs;
    this.#failed = failed;
    this.#cancelLimit = this.#limit(sentAt);
    this.#renewing = this.#renew();
  }

  /** Fires when the lease may end. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Releases the lease, unless it is lost. */
  async end(): Promise<void> {
    this.#ended.abort();
    this.#cancelLimit();
    await this.#renewing;
    try {
      await this.#store.release(this.#token);
    } catch {
      // The lease ends by itself.
    }
  }

  async #renew(): Promise<void> {
    for (let failures = 0; ;) {
      try {
        await pause(this.#leaseMs / 6, AbortSignal.any([this.#ended.signal, this.#lost.signal]));
      } catch {
        return;
      }
      const sentAt = performance.now();
      try {
        if (!(await this.#store.renew(this.#token, this.#leaseMs))) return this.#lose();
        failures = 0;
        this.#cancelLimit();
        if (!this.#lost.signal.aborted && !this.#ended.signal.aborted) this.#cancelLimit = this.#limit(sentAt);
      } catch (error) {
        if (failures++ === 0 && !this.#ended.signal.aborted) this.#failed(error);
      }
    }
  }

  #limit(sentAt: number): () => void {
    return callAfter(Math.max(0, sentAt + (this.#leaseMs * 2) / 3 - performance.now()), () => this.#lose());
  }

  #lose(): void {
    this.#cancelLimit();
    this.#lost.abort(new Error('the lease may have ended'));
  }
}
