import { Once } from './once.ts';
import type { NatsServer, PublishOptions, StreamSettings } from './nats-server.ts';

/** A stream that the engine creates when it is used for the first time. */
export class NatsStream {
  readonly name: string;
  readonly #server: NatsServer;
  readonly #created: Once;

  constructor(server: NatsServer, settings: StreamSettings) {
    this.name = settings.name;
    this.#server = server;
    this.#created = new Once(async () => {
      await server.check();
      await server.ensureStream(settings);
    });
  }

  /** Creates the stream, or changes its settings, unless that was done before. */
  create(): Promise<void> {
    return this.#created.done();
  }

  /** Called when the server may have lost the stream. */
  forget(): void {
    this.#created.forget();
  }

  /** Stores data. @returns its sequence */
  publish(subject: string, data: unknown, options?: PublishOptions): Promise<number> {
    return this.#send(() => this.#server.publish(subject, data, options));
  }

  /** Stores data, unless the last message of the subject has another sequence; 0 for none. @returns its sequence */
  publishAfter(
    sequence: number,
    subject: string,
    data: unknown,
    options?: PublishOptions,
  ): Promise<number | undefined> {
    return this.#send(() => this.#server.publishAfter(sequence, subject, data, options));
  }

  async #send<T>(send: () => Promise<T>): Promise<T> {
    await this.create();
    try {
      return await send();
    } catch (error) {
      this.forget();
      throw error;
    }
  }
}
