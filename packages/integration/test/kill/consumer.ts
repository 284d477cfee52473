/**
 * Consumes a Redis stream into an SQLite file, as a process of its own that kills itself.
 *
 * Arguments: URL of the server, database file, place of the kill (`handler`, `acknowledge` or `never`), number of messages
 * before it.
 */
import { Component, component, inject, on, provides, runApplication, token } from '@asphalt/core';
import type { Deliveries } from '@asphalt/core/deliveries';
import { SqlComponent, Transaction } from '@asphalt/sql';
import { createClient, type RedisClientType } from '@redis/client';
import { deliveries, type Delivery } from '@asphalt/integration';
import { RedisStream, type StreamMessage } from './redis-stream.ts';

const [url = '', file = '', place = '', count = ''] = process.argv.slice(2);
let left = Number(count);

function killedAt(here: string): void {
  if (here === place && left-- === 0) process.kill(process.pid, 'SIGKILL');
}

class FragileStream extends RedisStream {
  override acknowledge(message: StreamMessage): Promise<unknown> {
    killedAt('acknowledge');
    return super.acknowledge(message);
  }
}

const Numbers = token<Deliveries<Delivery<unknown>>>('Numbers');

interface Schema {
  inbox: { id: string };
  effect: { number: number };
}

@component({ components: { sql: SqlComponent } })
class Consumer extends Component {
  @provides(Numbers)
  async *numbers(): AsyncGenerator<Deliveries<Delivery<unknown>>> {
    const redis = createClient({ url }) as RedisClientType;
    await redis.on('error', () => undefined).connect();
    const stream = new FragileStream(redis, 'numbers');
    await stream.create();
    yield deliveries(stream, {
      name: 'numbers',
      logger: this.logger,
      attempts: 3,
      backOff: { minDelay: 1, maxDelay: 5 },
    });
    await redis.close();
  }

  @on(Numbers, (numbers) => numbers, { concurrency: 4, onError: () => undefined })
  async add({ id, value, attempt }: Delivery<unknown>, @inject(Transaction) tx: Transaction<Schema>): Promise<void> {
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto('inbox')
      .values({ id })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows === 0n) return;
    await tx
      .insertInto('effect')
      .values({ number: Number(value) })
      .execute();
    killedAt('handler');
    if (Number(value) % 7 === 0 && attempt === 1) throw new Error('fails at first');
    if (Number(value) === 13) throw new Error('fails always');
  }
}

const config = { components: { sql: { file, wait: '30s' } } };
await runApplication(Consumer, { config });
