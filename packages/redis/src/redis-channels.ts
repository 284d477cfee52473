/** Subscriptions to the channels of a Redis server, which survive an outage. */
import { providedBy } from '@asphalt/core';
import { Topics, type Link, type SubscribeTopic } from '@asphalt/integration';
import type { RedisClientType } from '@redis/client';
import type { Observable } from 'rxjs';

/** A message of a channel. */
export interface RedisMessage {
  readonly channel: string;
  readonly text: string;
}

/**
 * The channels of a Redis server. The server does not store messages, so those of an outage are lost.
 *
 * @example
 * @on(RedisChannels, (channels) => channels.channel('news'))
 * read({ text }: RedisMessage): void { … }
 */
@providedBy('RedisComponent of @asphalt/redis')
export class RedisChannels {
  readonly #channels: Topics<RedisMessage>;
  readonly #patterns: Topics<RedisMessage>;

  constructor(client: RedisClientType, link: Link) {
    this.#channels = new Topics(link, subscription(client, 'subscribe', 'unsubscribe'));
    this.#patterns = new Topics(link, subscription(client, 'pSubscribe', 'pUnsubscribe'));
  }

  /** Returns the messages of a channel. */
  channel(name: string): Observable<RedisMessage> {
    return this.#channels.messages(name);
  }

  /** Returns the messages of all channels whose names match a pattern such as `news.*`. */
  pattern(pattern: string): Observable<RedisMessage> {
    return this.#patterns.messages(pattern);
  }
}

/** Returns the two commands of a subscription. The client restores a confirmed one after an outage. */
function subscription(
  client: RedisClientType,
  subscribe: 'subscribe' | 'pSubscribe',
  unsubscribe: 'unsubscribe' | 'pUnsubscribe',
): SubscribeTopic<RedisMessage> {
  return async (channels, deliver) => {
    const listener = (text: string, channel: string): void => deliver({ channel, text });
    await client[subscribe](channels, listener);
    return () => client[unsubscribe](channels, listener);
  };
}
