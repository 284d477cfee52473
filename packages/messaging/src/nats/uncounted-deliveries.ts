/**
 * Notes about deliveries that are no attempts. The server counts every delivery, also that of a message whose delay is not over or
 * that its handler has deferred. A note contains the two numbers at the last such delivery, so that all processes compute
 * the same attempt. Most messages have none.
 */
import type { NatsServer } from './nats-server.ts';
import type { NatsStream } from './nats-stream.ts';

interface Note {
  /** Number of deliveries that the server had counted. */
  readonly deliveries: number;
  /** Number of attempts among them. */
  readonly attempts: number;
}

interface Delivered {
  readonly consumer: string;
  readonly sequence: number;
  readonly deliveries: number;
}

export class UncountedDeliveries {
  readonly #server: NatsServer;
  readonly #stream: NatsStream;
  readonly #subject: string;

  /** @param subject - the first part of the subjects of notes, which belong to the stream */
  constructor(server: NatsServer, stream: NatsStream, subject: string) {
    this.#server = server;
    this.#stream = stream;
    this.#subject = subject;
  }

  /** Returns the number of the attempt of a delivery. */
  async attempt(delivered: Delivered): Promise<number> {
    const { deliveries } = delivered;
    if (deliveries === 1) return 1;
    const stored = await this.#server.last(this.#stream.name, this.#subjectOf(delivered));
    const note = stored?.json<Note>();
    return note ? deliveries - note.deliveries + note.attempts : deliveries;
  }

  /** Notes that a delivery is no attempt. @param attempts - number of attempts before it */
  async add(delivered: Delivered, attempts: number): Promise<void> {
    const note: Note = { deliveries: delivered.deliveries, attempts };
    await this.#stream.publish(this.#subjectOf(delivered), note);
  }

  /** Removes the notes of a settled message. */
  async remove(delivered: Delivered): Promise<void> {
    if (delivered.deliveries === 1) return;
    const { streams } = await this.#server.manager();
    // A note that remains has no effect, because its sequence is never used again.
    await streams.purge(this.#stream.name, { filter: this.#subjectOf(delivered) }).catch(() => undefined);
  }

  #subjectOf({ consumer, sequence }: Delivered): string {
    return `${this.#subject}.${consumer}.${sequence}`;
  }
}
