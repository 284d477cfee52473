/** Measures messages of a queue on Redis, next to BullMQ alone. */
import { implementationOf, type Implementations, type Workload } from '../harness/workload.ts';
import { asphaltExchange, concurrency, counted, inBatches, timeOf, type Exchange } from './queue-exchange.ts';

/** The variable that passes the server's URL to the processes that take samples. */
const variable = 'BENCH_REDIS_URL';
const yardstick = 'bare';

const implementations: Implementations<(url: string) => Promise<Exchange>> = {
  async asphalt(url) {
    const { RedisMessagingComponent } = await import('@asphalt/messaging/redis');
    const { RedisComponent } = await import('@asphalt/redis');
    return asphaltExchange({ redis: RedisComponent, messaging: RedisMessagingComponent }, { redis: { url } });
  },

  async [yardstick](url) {
    const { createClient } = await import('@redis/client');
    const { createNodeRedisClient, Queue, Worker } = await import('bullmq');
    const client = createClient({ url });
    await client.connect();
    const connection = createNodeRedisClient(client as never);
    const name = `bare-${process.pid}`;
    const queue = new Queue<number>(name, { connection });
    let handled = (): void => undefined;
    const worker = new Worker<number>(name, async () => handled(), { connection, concurrency });
    await worker.waitUntilReady();
    return async (messages) => {
      const all = counted(messages);
      handled = all.count;
      await inBatches(messages, (number) => queue.add('number', number, { removeOnComplete: true }));
      await all.reached;
      for (let left = true; left;) left = (await queue.getJobCountByTypes('active', 'waiting')) > 0;
    };
  },
};

export const queue: Workload = {
  name: 'queue',
  measures: `A message is sent to a private Redis, handled and acknowledged; ${concurrency} at a time are handled.`,
  unit: 'µs',
  yardstick,
  target: 'asphalt ≤ 1.25 × bare',
  subjects: [
    { name: 'asphalt', package: '@asphalt/messaging', note: 'a queue of RedisMessagingComponent and a handler' },
    { name: yardstick, package: 'bullmq', note: 'a queue and a worker of BullMQ with the client of @asphalt/redis' },
  ],
  async prepare() {
    const { redisServer } = await import('@asphalt/testing/servers');
    process.env[variable] ??= (await redisServer()).url;
  },
  async sample(subject, effort) {
    return timeOf(await implementationOf(implementations, subject)(process.env[variable]!), effort);
  },
};
