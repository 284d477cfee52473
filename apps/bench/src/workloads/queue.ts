/** Measures messages of a queue on Redis, next to BullMQ alone. */
import { implementationOf, type Implementations, type Workload } from '../harness/workload.ts';

/** Sends messages and resolves when each of them has been handled and acknowledged. */
type Exchange = (messages: number) => Promise<void>;

/** The variable that passes the server's URL to the processes that take samples. */
const variable = 'BENCH_REDIS_URL';
const yardstick = 'bare';
const concurrency = 8;
/** Number of messages that are sent at a time. */
const batch = 50;

const implementations: Implementations<(url: string) => Promise<Exchange>> = {
  async asphalt(url) {
    const { Component, component, inject, on, provides, startApplication, token } = await import('@asphalt/core');
    const { Messaging } = await import('@asphalt/messaging');
    const { RedisMessagingComponent } = await import('@asphalt/messaging/redis');
    const { RedisComponent } = await import('@asphalt/redis');
    type Numbers = import('@asphalt/messaging').Queue<number>;
    const Numbers = token<Numbers>('Numbers');
    let handled = (): void => undefined;

    @component({ components: { redis: RedisComponent, messaging: RedisMessagingComponent } })
    class App extends Component {
      @provides(Numbers)
      numbers(@inject(Messaging) messaging: import('@asphalt/messaging').Messaging): Numbers {
        return messaging.queue(`asphalt-${process.pid}`);
      }

      @on(Numbers, (numbers) => numbers.messages, { concurrency })
      async handle(): Promise<void> {
        handled();
      }
    }
    const { context } = await startApplication(App, { config: { components: { redis: { url } } } });
    const numbers = await context.getResource(Numbers);
    return async (messages) => {
      const all = counted(messages);
      handled = all.count;
      await inBatches(messages, (number) => numbers.send(number));
      await all.reached;
      for (let left = true; left;) {
        const { ready, running, delayed } = await numbers.state();
        left = ready + running + delayed > 0;
      }
    };
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

function counted(messages: number): { readonly count: () => void; readonly reached: Promise<void> } {
  let left = messages;
  let reach!: () => void;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  return { count: () => void (--left === 0 && reach()), reached };
}

async function inBatches(messages: number, send: (number: number) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < messages; start += batch) {
    await Promise.all(Array.from({ length: Math.min(batch, messages - start) }, (_, index) => send(start + index)));
  }
}

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
    const exchange = await implementationOf(implementations, subject)(process.env[variable]!);
    const [warmUp, messages] = effort === 'full' ? [1000, 5000] : [1, 10];
    await exchange(warmUp);
    const started = process.hrtime.bigint();
    await exchange(messages);
    return { value: Number(process.hrtime.bigint() - started) / 1000 / messages };
  },
};
