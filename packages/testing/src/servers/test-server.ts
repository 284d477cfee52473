import { ServerStateError, type ServerState } from './errors.ts';
import type { Target } from './wire-connection.ts';
import { Wire } from './wire.ts';

/** The server behind a wire. The wire adds the faults that every server has. */
export interface Backend {
  /** Starts the server and waits until it answers. @returns its address */
  start(): Promise<Target>;
  /** Ends the server without warning. Its data remains. */
  kill(): Promise<void>;
  /** Suspends the server, if it is a process. */
  freeze(): void;
  thaw(): void;
  /** Ends the server and deletes its data. */
  stop(): Promise<void>;
}

/**
 * A server of a test. Clients reach it through a {@link Wire}, so that its port stays the same and each of its failures
 * takes effect before the method returns or resolves.
 */
export class TestServer implements AsyncDisposable {
  /** Where clients connect, with the login of the server. */
  readonly url: string;
  #state: ServerState = 'running';
  #stopped: Promise<void> | undefined;
  readonly #name: string;
  readonly #backend: Backend;

  /**
   * @param name - used in messages
   * @param url - the URL of the server; host and port are replaced
   * @param wire - a wire to the started backend
   */
  protected constructor(
    name: string,
    url: string,
    backend: Backend,
    /** The proxy between clients and the server, for further faults. */
    readonly wire: Wire,
  ) {
    this.#name = name;
    this.#backend = backend;
    this.url = wire.through(url);
  }

  /** Starts a backend and opens the wire to it. */
  static async open(name: string, url: string, backend: Backend): Promise<TestServer> {
    try {
      return new TestServer(name, url, backend, await Wire.open(await backend.start()));
    } catch (error) {
      await backend.stop();
      throw error;
    }
  }

  get host(): string {
    return this.wire.host;
  }

  get port(): number {
    return this.wire.port;
  }

  /** Ends the server without warning (SIGKILL). Connections are closed and new ones are refused until `start()`. */
  async kill(): Promise<void> {
    this.#change('kill', ['running', 'frozen'], 'down');
    this.wire.refuse();
    await this.#backend.kill();
    this.wire.cut();
  }

  /** Starts the killed server again, with the same port and data, and waits until it answers. */
  async start(): Promise<void> {
    this.#change('start', ['down'], 'running');
    this.wire.connectTo(await this.#backend.start());
    await this.wire.restore();
  }

  /** Suspends the server (SIGSTOP). It accepts connections and bytes, and answers after `thaw()`. */
  freeze(): void {
    this.#change('freeze', ['running'], 'frozen');
    this.wire.blackHole();
    this.#backend.freeze();
  }

  /** Resumes the frozen server, which then answers what it has received. */
  thaw(): void {
    this.#change('thaw', ['frozen'], 'running');
    this.#backend.thaw();
    this.wire.flow();
  }

  /** Resets all connections. Clients can connect again at once. */
  async dropConnections(): Promise<void> {
    this.#change('drop connections of', ['running', 'frozen']);
    this.wire.cut();
  }

  /** Ends the server and deletes its data. A further call waits for the first one. */
  stop(): Promise<void> {
    this.#state = 'stopped';
    return (this.#stopped ??= this.wire.close().then(() => this.#backend.stop()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #change(operation: string, from: readonly ServerState[], to = this.#state): void {
    if (!from.includes(this.#state)) throw new ServerStateError(this.#name, operation, this.#state);
    this.#state = to;
  }
}
