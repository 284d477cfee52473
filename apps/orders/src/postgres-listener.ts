/** A connection that listens to a channel of PostgreSQL. After the first success it reconnects by itself. */
import { Socket } from 'node:net';
import { callAfter } from '@asphalt/core';
import type { Client, ClientConfig } from 'pg';

export interface ListenerOptions {
  /** Creates a client that has not connected. */
  readonly client: (config: ClientConfig) => Client;
  readonly config: ClientConfig;
  /** A name that needs no quotes. */
  readonly channel: string;
  readonly onNotice: (payload: string) => void;
  /** Called after each success. Notices before it may be lost. */
  readonly onReady: () => void;
  readonly onLost: (error: Error) => void;
  /** Returns the delay before the next attempt; undefined to stop. */
  readonly delay: (attempt: number) => number | undefined;
}

interface Session {
  readonly client: Client;
  readonly socket: Socket;
}

export class PostgresListener {
  readonly #options: ListenerOptions;
  #session: Session | undefined;
  /** The socket of an attempt to connect. */
  #attempt: Socket | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  async connect(): Promise<void> {
    const { client: create, config, channel, onNotice, onReady } = this.#options;
    const socket = (this.#attempt = new Socket());
    const client = create({ ...config, stream: () => socket });
    const session = { client, socket };
    let failure = new Error('the server has closed the connection');
    client.on('error', (error) => (failure = error));
    client.on('notification', ({ payload = '' }) => onNotice(payload));
    try {
      await client.connect();
      await client.query(`listen ${channel}`);
    } catch (error) {
      socket.destroy();
      throw error;
    }
    this.#session = session;
    client.on('end', () => this.#ended(session, failure));
    onReady();
  }

  async check(): Promise<void> {
    if (this.#session === undefined) throw new Error('not connected');
    await this.#session.client.query('select 1');
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.client.end();
  }

  /** Drops the connection. It reconnects unless {@link ListenerOptions.delay} returns undefined. */
  destroy(): void {
    this.#attempt?.destroy();
    this.#session?.socket.destroy();
  }

  #ended(session: Session, error: Error): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    this.#options.onLost(error);
    this.#reconnect(1);
  }

  #reconnect(attempt: number): void {
    const delayMs = this.#options.delay(attempt);
    if (delayMs === undefined) return;
    callAfter(delayMs, () => {
      // The listener may have closed since.
      if (this.#options.delay(attempt) === undefined) return;
      void this.connect().catch(() => this.#reconnect(attempt + 1));
    });
  }
}
