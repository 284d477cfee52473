/** Subscriptions to the channels of a Redis server, which survive an outage. */
import { providedBy, type Signal } from '@asphalt/core';
import type { RedisClientType } from '@redis/client';
import type { Subscriber } from 'rxjs';
import { Observable } from 'rxjs/internal/Observable';

/** A message of a channel. */
export interface RedisMessage {
  readonly channel: string;
  readonly text: string;
}

/** The names of the two commands of a subscription. */
type Commands = readonly [subscribe: 'subscribe' | 'pSubscribe', unsubscribe: 'unsubscribe' | 'pUnsubscribe'];

/**
 * The channels of a Redis server. The server does not store messages, so those of an outage are lost.
 *
 * @example
 * @on(RedisChannels, (channels) => channels.channel('news'))
 * read({ text }: RedisMessage): void { … }
 */
@providedBy('RedisComponent of @asphalt/redis')
export class RedisChannels {
  readonly #client: RedisClientType;
  readonly #restored: Signal<unknown>;

  /** @param restored - dispatched when the client can be used again after an outage; completes when the client closes */
  constructor(client: RedisClientType, restored: Signal<unknown>) {
    this.#client = client;
    this.#restored = restored;
  }

  /** Returns the messages of a channel. */
  channel(name: string): Observable<RedisMessage> {
    return this.#messages(name, ['subscribe', 'unsubscribe']);
  }

  /** Returns the messages of all channels whose names match a pattern such as `news.*`. */
  pattern(pattern: string): Observable<RedisMessage> {
    return this.#messages(pattern, ['pSubscribe', 'pUnsubscribe']);
  }

  #messages(channels: string, [subscribe, unsubscribe]: Commands): Observable<RedisMessage> {
    return new Observable((subscriber: Subscriber<RedisMessage>) => {
      const deliver = (text: string, channel: string): void => subscriber.next({ channel, text });
      const closing = this.#restored.subscribe({ complete: () => subscriber.complete() });
      const subscribed = this.#send(async () => {
        if (!subscriber.closed) await this.#client[subscribe](channels, deliver);
      });
      subscribed.catch((error: unknown) => subscriber.error(error));
      return () => {
        closing.unsubscribe();
        // It fails only if the client closes.
        subscribed.then(() => this.#send(() => this.#client[unsubscribe](channels, deliver))).catch(() => undefined);
      };
    });
  }

  /** Sends a command. The client restores confirmed subscriptions; a command that an outage loses is sent again after it. */
  async #send(command: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await command();
      } catch (error) {
        if (this.#client.isReady) throw error;
        await this.#restored.wait();
      }
    }
  }
}
