import { readEnvelope, writeEnvelope, type StoredEnvelope } from '../engine/envelope-text.ts';
import type { DeadEnvelope, Envelope, Failure } from '../engine/engine.ts';
import type { NatsServer } from './nats-server.ts';
import { NatsStream } from './nats-stream.ts';

interface StoredLetter extends StoredEnvelope, Failure {
  readonly attempts: number;
  readonly failedAt: number;
}

/** The dead letters of a queue or group: a stream, which the first dead letter creates. */
export class DeadLetters {
  readonly #server: NatsServer;
  readonly #stream: NatsStream;
  readonly #subject: string;

  constructor(server: NatsServer, names: { readonly stream: string; readonly subject: string }, replicas: number) {
    this.#server = server;
    this.#subject = names.subject;
    this.#stream = new NatsStream(server, { name: names.stream, subjects: [names.subject], num_replicas: replicas });
  }

  /** @param deliveryId - identifies the delivery, so that a repeated attempt to store it has no effect */
  async add(envelope: Envelope, failure: Failure, attempts: number, deliveryId: string): Promise<void> {
    const { reason, code } = failure;
    const letter = { ...writeEnvelope(envelope), reason, code, attempts, failedAt: Date.now() };
    await this.#stream.publish(this.#subject, letter, { msgID: deliveryId });
  }

  count(): Promise<number> {
    return this.#server.count(this.#stream.name);
  }

  /** Returns the oldest dead letters. */
  async list(limit: number): Promise<readonly DeadEnvelope[]> {
    const letters: DeadEnvelope[] = [];
    if (limit <= 0) return letters;
    for await (const { letter } of this.#letters()) {
      const { reason, code, attempts, failedAt } = letter;
      letters.push({ ...readEnvelope(letter), reason, code, attempts, failedAt: new Date(failedAt) });
      if (letters.length >= limit) break;
    }
    return letters;
  }

  /**
   * Sends dead letters again, and removes them.
   *
   * @param ids - defaults to all
   * @param send - receives a text that is the same if a letter is sent twice
   */
  async revive(
    ids: readonly string[] | undefined,
    send: (envelope: Envelope, revivalId: string) => Promise<unknown>,
  ): Promise<number> {
    const wanted = ids && new Set(ids);
    const { streams } = await this.#server.manager();
    let revived = 0;
    for await (const { sequence, letter } of this.#letters()) {
      if (wanted && !wanted.has(letter.id)) continue;
      await send(readEnvelope(letter), `${this.#stream.name}-${sequence}`);
      await streams.deleteMessage(this.#stream.name, sequence, false);
      revived++;
    }
    return revived;
  }

  async *#letters(): AsyncGenerator<{ readonly sequence: number; readonly letter: StoredLetter }> {
    for (let next = 1; ;) {
      const stored = await this.#server.first(this.#stream.name, this.#subject, next);
      if (!stored) return;
      yield { sequence: stored.seq, letter: stored.json<StoredLetter>() };
      next = stored.seq + 1;
    }
  }
}
