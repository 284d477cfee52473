/**
 * The life of one connection: it waits for the server at the start, notices outages, and closes at the stop.
 *
 * A `Link` owns the state and its log lines. The driver owns the connection: after the first success it reconnects by
 * itself, with the delays of the link, and reports to `up` and `down`. A link must not know any driver.
 */
import { Signal } from '@asphalt/core';
import { tracePoint, type TraceMessage } from '@asphalt/core/tracing';
import { backOff } from './back-off.ts';
import { describeFailure, isPermanent, redactError } from './classify.ts';
import type { Connection, LinkOwner } from './connection.ts';
import type { Endpoint } from './endpoint.ts';
import { ConnectError, OfflineError } from './errors.ts';
import { late, pause, replyWithin, within } from './time.ts';

/** `asphalt.connect`: one attempt of a link to connect. Attempts of the driver, after the first success, are not published. */
export interface ConnectTrace extends TraceMessage {
  /** The server, as `host:port`. */
  readonly server: string;
}

const connectPoint = tracePoint<ConnectTrace>('asphalt.connect');

export type LinkState = 'connecting' | 'up' | 'lost' | 'closed';

/** The event of {@link Link.lost}. */
export interface LostConnection {
  /** The server, as `host:port`. */
  readonly server: string;
  readonly reason: string;
}

/** The event of {@link Link.restored}. */
export interface RestoredConnection {
  /** The server, as `host:port`. */
  readonly server: string;
  readonly outageMs: number;
}

type State =
  | { readonly name: 'connecting' | 'up' | 'closed' }
  | { readonly name: 'lost'; readonly since: number; readonly permanent: boolean };

/** A failed attempt to connect. */
interface Failure {
  readonly error: unknown;
}

/** Extend it once per technology, because every technology needs a key of its own. */
export class Link {
  /** Dispatched when a connection that was up is lost, and when the application starts without its server. */
  readonly lost = new Signal<LostConnection>();
  readonly restored = new Signal<RestoredConnection>();
  readonly server: string;
  readonly #owner: LinkOwner;
  readonly #endpoint: Pick<Endpoint, 'server' | 'secrets'>;
  readonly #closing = new AbortController();
  #connection: Connection | undefined;
  #state: State = { name: 'connecting' };
  /** Whether an attempt has succeeded, so that the driver reconnects from now on. */
  #connected = false;

  constructor(owner: LinkOwner, endpoint: Pick<Endpoint, 'server' | 'secrets'>) {
    this.#owner = owner;
    this.#endpoint = endpoint;
    this.server = endpoint.server;
  }

  get state(): LinkState {
    return this.#state.name;
  }

  /** @throws {@link OfflineError} unless the connection is up. For drivers that store calls during an outage */
  assertUp(): void {
    if (this.state !== 'up') throw new OfflineError(this.server, this.state);
  }

  /** Reports that the driver has reconnected. Ignored before the first success, because the link checks that itself. */
  readonly up = (): void => {
    if (this.#connected && this.#state.name === 'lost') this.#enter({ name: 'up' });
  };

  /** Reports that the driver has lost its connection, or that an attempt to reconnect has failed. */
  readonly down = (error: unknown): void => {
    if (this.#connected) this.#lose(error);
  };

  /**
   * Returns the delay before the driver's next attempt to reconnect. Returns `undefined` if the driver must not reconnect,
   * because the first attempts are those of the link, or because it is closed.
   *
   * @param attempt - number of failed attempts so far
   */
  delay(attempt: number): number | undefined {
    return this.#connected && this.#state.name !== 'closed' ? this.#delay(attempt) : undefined;
  }

  /**
   * Connects, yields the client, and closes the connection when the generator continues. Use it in a provider:
   * `yield* link.hold(client, connection, abort)`.
   *
   * @throws {@link ConnectError} when a required server cannot be used; the abort reason when `abort` fires
   */
  async *hold<Client>(
    client: Client,
    connection: Connection,
    abort: AbortSignal,
  ): AsyncGenerator<Client, void, unknown> {
    this.#connection = connection;
    let watching = Promise.resolve();
    try {
      await this.#connect(connection, abort);
      watching = this.#watch(connection);
      yield client;
    } finally {
      const { name } = this.#state;
      this.#enter({ name: 'closed' });
      this.#closing.abort();
      await watching;
      await this.#close(connection, name === 'up');
    }
  }

  async #connect(connection: Connection, abort: AbortSignal): Promise<void> {
    const { config, context, logger } = this.#owner;
    const { connect, required } = config;
    const started = performance.now();
    for (let attempts = 1; ; attempts++) {
      const limitMs = required && connect.for > 0 ? connect.for - (performance.now() - started) : Infinity;
      const failure = await this.#attempt(connection, Math.min(connect.timeout, limitMs), abort);
      if (!failure) return;
      if (!required) return this.#lose(failure.error);
      const elapsedMs = performance.now() - started;
      // The last attempt starts early enough to end in time.
      const leftMs = connect.for - elapsedMs - connect.minDelay;
      const permanent = this.#isPermanent(failure.error);
      const reason = this.#describe(failure.error);
      if (permanent || leftMs <= 0) {
        const cause = redactError(failure.error, this.#endpoint.secrets);
        throw new ConnectError({ server: this.server, attempts, elapsedMs, permanent, reason }, cause);
      }
      if (attempts === 1) logger.warn(`Waiting for ${this.server}: ${reason}`);
      context.progress(`${this.server}: ${reason}, attempt ${attempts}`);
      await pause(Math.min(backOff(attempts, connect), leftMs), abort);
    }
  }

  /** Tries to connect once, and enters the state `up` if it succeeds. */
  async #attempt(connection: Connection, limitMs: number, abort: AbortSignal): Promise<Failure | undefined> {
    abort.throwIfAborted();
    const connected = async (): Promise<void> => {
      await connection.connect();
      await connection.check();
    };
    try {
      if ((await within(limitMs, this.#traced(connected), abort)) === late) {
        this.#destroy(connection);
        return { error: noResponse(limitMs) };
      }
    } catch (error) {
      abort.throwIfAborted();
      return { error };
    }
    this.#connected = true;
    this.#enter({ name: 'up' });
    return undefined;
  }

  /** Publishes an attempt to the tracing channels. Its error may contain a secret; that of the message does not. */
  async #traced(connected: () => Promise<void>): Promise<void> {
    if (!connectPoint.observed) return connected();
    const attempt = connected();
    const message = { context: this.#owner.context, server: this.server };
    const published = connectPoint.run(message, () =>
      attempt.catch((error: unknown) => {
        throw redactError(error, this.#endpoint.secrets);
      }),
    );
    await published.catch(() => undefined);
    return attempt;
  }

  /** Connects to a server that was not available at the start, then checks at intervals that it responds. */
  async #watch(connection: Connection): Promise<void> {
    const { signal } = this.#closing;
    const { probe, connect, timeout } = this.#owner.config;
    const intervalMs = connection.checksLimitCalls === true ? Math.min(probe, timeout / 2) : probe;
    try {
      for (let attempts = 1; !this.#connected; attempts++) {
        await pause(this.#delay(attempts), signal);
        const failure = await this.#attempt(connection, connect.timeout, signal);
        if (failure) this.#lose(failure.error);
      }
      while (probe > 0) {
        await pause(intervalMs, signal);
        await this.#probe(connection, signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #probe(connection: Connection, abort: AbortSignal): Promise<void> {
    try {
      await this.#check(connection, abort);
      this.up();
    } catch (error) {
      abort.throwIfAborted();
      this.#lose(error);
      try {
        connection.reset?.();
      } catch (failure) {
        this.#owner.logger.warn(`The connection to ${this.server} cannot be replaced: ${this.#describe(failure)}`);
      }
    }
  }

  async #check(connection: Connection, abort?: AbortSignal): Promise<void> {
    const { timeout } = this.#owner.config;
    if ((await replyWithin(timeout, connection.check(), abort)) === late) throw noResponse(timeout);
  }

  async #close(connection: Connection, isUp: boolean): Promise<void> {
    const { config, logger } = this.#owner;
    const close = async (): Promise<unknown> => connection.close();
    try {
      // A server that does not respond never replies to running calls.
      if (isUp && config.probe > 0) await this.#check(connection);
      if (isUp && (await within(config.drain, close())) === late) {
        logger.warn(`Calls to ${this.server} did not end within ${config.drain} ms; they fail now`);
      }
    } catch (error) {
      this.#warnOfClose(error);
    } finally {
      this.#destroy(connection);
    }
  }

  /** Drops the connection. An error of it must not replace that of the start. */
  #destroy(connection: Connection): void {
    try {
      connection.destroy();
    } catch (error) {
      this.#warnOfClose(error);
    }
  }

  #warnOfClose(error: unknown): void {
    const reason = this.#describe(error);
    this.#owner.logger.warn(`The connection to ${this.server} broke while it was being closed: ${reason}`);
  }

  #lose(error: unknown): void {
    const before = this.#state;
    if (before.name === 'closed') return;
    const { since, permanent } = before.name === 'lost' ? before : { since: performance.now(), permanent: false };
    // While the server refuses the client, checks fail with other errors.
    this.#enter({ name: 'lost', since, permanent: permanent || this.#isPermanent(error) }, this.#describe(error));
  }

  /** Changes the state, and reports the change. Nothing else sets the state. */
  #enter(next: State, reason = ''): void {
    const before = this.#state;
    this.#state = next;
    const { logger } = this.#owner;
    const { server } = this;
    if (next.name === 'up' && before.name === 'lost') {
      const outageMs = Math.round(performance.now() - before.since);
      logger.info(`Connected to ${server} again after ${outageMs} ms`);
      this.restored.dispatch({ server, outageMs });
    } else if (next.name === 'up') {
      logger.info(`Connected to ${server}`);
    } else if (next.name === 'lost') {
      const isNew = before.name !== 'lost';
      if (next.permanent && (isNew || !before.permanent)) {
        logger.error(`Cannot connect to ${server} until its settings or those of this component change: ${reason}`);
      } else if (isNew) {
        logger.warn(`${before.name === 'up' ? 'Lost the connection to' : 'Started without'} ${server}: ${reason}`);
      }
      if (isNew) this.lost.dispatch({ server, reason });
    }
  }

  #delay(attempt: number): number {
    const { connect } = this.#owner.config;
    return this.#state.name === 'lost' && this.#state.permanent ? connect.maxDelay : backOff(attempt, connect);
  }

  #isPermanent(error: unknown): boolean {
    return isPermanent(error, () => this.#connection?.classify?.(error));
  }

  #describe(error: unknown): string {
    return describeFailure(error, this.#endpoint.secrets);
  }
}

function noResponse(limitMs: number): Error {
  return new Error(`no response within ${Math.round(limitMs)} ms`);
}
