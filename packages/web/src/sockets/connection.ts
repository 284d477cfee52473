/**
 * A WebSocket from its handshake until it has closed and its handlers have ended. The context of the connection is that
 * of its request, and `Requests` closes it; this file closes those of the messages.
 */
import { setMaxListeners } from 'node:events';
import type { Context } from '@asphalt/core';
import type { WebSocket } from 'ws';
import type { OtherConnection } from '../request/other-protocol.ts';
import type { RequestScope } from '../request/request-scope.ts';
import type { UpgradeResponse } from '../request/upgrade-response.ts';
import { SlowClientError } from './errors.ts';
import { keepAlive } from './heartbeat.ts';
import { Inbox } from './inbox.ts';
import type { ServerSocket, SocketData, SocketEnd, SocketHandlers, SocketOptions } from './server-socket.ts';

/** The time for the client to receive the last frame when the server stops. */
const stopMs = 500;

/** The time for a client that is too slow to receive what waits for it. */
const slowMs = 2_000;

/** The code of a connection that was lost. */
const lost = 1006;

export interface ConnectionSettings<C> {
  readonly socket: WebSocket;
  readonly scope: RequestScope;
  readonly outgoing: UpgradeResponse;
  readonly context: Context;
  readonly options: SocketOptions;
  readonly c: C;
  readonly handlers: SocketHandlers<C>;
}

export class Connection<C> implements ServerSocket, OtherConnection {
  readonly context: Context;
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #settings: ConnectionSettings<C>;
  readonly #inbox: Inbox<SocketData>;
  readonly #closing = new AbortController();
  /** The contexts of the messages that are being handled. */
  readonly #running = new Set<Context>();
  /** Whether messages are still received. */
  #isReceiving = true;
  /** The code with which the server has closed the connection. */
  #ownCode: number | undefined;
  #onCutOff: (() => void) | undefined;
  #isCutOff = false;

  constructor(settings: ConnectionSettings<C>) {
    const { socket, context, outgoing, options, scope } = settings;
    this.#settings = settings;
    this.#socket = socket;
    this.context = context;
    this.#inbox = new Inbox({
      handle: (data) => this.#handle(data),
      concurrency: options.concurrency ?? 1,
      onFull: (isFull) => (isFull ? socket.pause() : socket.resume()),
    });
    setMaxListeners(0, this.#closing.signal);
    socket.on('message', (data: Buffer, isBinary) => this.#receive(data, isBinary));
    // Any client can send malformed frames; the library then closes the connection.
    socket.on('error', (error) => scope.logger.debug(`${scope.name} received a malformed message`, { error }));
    keepAlive(socket, outgoing.transport, options.pingMs ?? 30_000);
    const cutOff = new Promise<void>((resolve) => (this.#onCutOff = resolve));
    this.closed = Promise.race([this.#run(), cutOff]);
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  get buffered(): number {
    return this.#socket.bufferedAmount;
  }

  send(data: SocketData): Promise<boolean> {
    if (this.#socket.readyState !== this.#socket.OPEN) return Promise.resolve(false);
    const { maxBuffered = 1_000_000, overflow = 'disconnect' } = this.#settings.options;
    if (this.buffered > 0 && this.buffered + data.length > maxBuffered) {
      if (overflow === 'disconnect') this.#disconnectSlow();
      return Promise.resolve(false);
    }
    return new Promise((resolve) => this.#socket.send(data, (error) => resolve(!error)));
  }

  close(code = 1000, reason = ''): void {
    this.#socket.close(code, reason);
    this.#leave(code);
  }

  end(): void {
    this.#isReceiving = false;
    this.#closing.abort();
    void this.#inbox.idle().then(() => this.#closeWithin(stopMs, 1001));
  }

  cutOff(error: Error): void {
    this.#isCutOff = true;
    this.#closeWithin(stopMs, 1001);
    const undone = Array.from(this.#running, (context) => this.#closeContext(context, error));
    void Promise.all(undone).then(this.#onCutOff);
  }

  async #run(): Promise<void> {
    const { handlers, c } = this.#settings;
    const closed = new Promise<SocketEnd>((resolve) => {
      this.#socket.once('close', (code, reason) => resolve(this.#hasClosed(code, reason.toString())));
    });
    await this.#attempt(() => handlers.open?.(this, c));
    this.#inbox.open();
    const end = await closed;
    await this.#inbox.idle();
    await this.#attempt(() => handlers.close?.(this, end));
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (!this.#isReceiving) return;
    if (this.#settings.handlers.message === undefined) this.close(1003, 'This server expects no messages');
    else this.#inbox.add(isBinary ? data : data.toString(), data.length);
  }

  async #handle(data: SocketData): Promise<void> {
    const { handlers, scope } = this.#settings;
    const context = this.context.child(`a message of ${scope.name}`);
    this.#running.add(context);
    try {
      await context.enter(() => handlers.message!(data, this, context));
    } catch (error) {
      await this.#closeContext(context, error ?? new Error('A handler threw no error'));
      await this.#fail(error);
      return;
    }
    if (!context.closeAtOnce()) await this.#closeContext(context);
  }

  /** Closes the context of a message; its failure is an error of the message unless the handler failed before. */
  async #closeContext(context: Context, error?: unknown): Promise<void> {
    this.#running.delete(context);
    // The cut-off closes contexts of running handlers.
    if (context.state !== 'open') return;
    try {
      await context.close(error);
    } catch (failure) {
      if (error === undefined) await this.#fail(failure);
      else this.#log(failure);
    }
  }

  async #attempt(call: () => unknown): Promise<void> {
    try {
      await this.context.enter(call);
    } catch (error) {
      await this.#fail(error);
    }
  }

  async #fail(error: unknown): Promise<void> {
    const { handlers } = this.#settings;
    try {
      if (handlers.error === undefined || this.#isCutOff) throw error;
      await this.context.enter(() => handlers.error!(error, this));
    } catch (failure) {
      this.#log(failure);
      this.#socket.close(1011);
      this.#leave(1011);
    }
  }

  /** A handler often fails only because the client left or was cut off. */
  #log(error: unknown): void {
    const { scope } = this.#settings;
    scope.logger[scope.hasLeft || this.#isCutOff ? 'debug' : 'error'](`${scope.name} failed`, { error });
  }

  #disconnectSlow(): void {
    const { scope } = this.#settings;
    const error = new SlowClientError(scope.name, `${this.buffered} bytes`, [
      'raise the option maxBuffered of webSocket()',
      "drop messages for slow clients: overflow: 'drop'",
    ]);
    scope.logger.warn(error.summary);
    this.#closeWithin(slowMs, 1013);
  }

  /** Closes the connection; a client that does not respond is cut off. */
  #closeWithin(limitMs: number, code: number): void {
    this.#socket.resume();
    this.#socket.close(code);
    this.#leave(code);
    const timer = setTimeout(() => this.#socket.terminate(), limitMs);
    this.#socket.once('close', () => clearTimeout(timer));
  }

  /** Drops the messages that were not handled yet. */
  #leave(code: number): void {
    this.#ownCode ??= code;
    this.#isReceiving = false;
    this.#inbox.clear();
    this.#closing.abort();
  }

  #hasClosed(code: number, reason: string): SocketEnd {
    this.#isReceiving = false;
    if (code === lost && this.#ownCode === undefined) {
      this.#inbox.clear();
      this.#settings.outgoing.reportEnd(true);
    }
    this.#closing.abort();
    return { code: this.#ownCode ?? code, reason };
  }
}
