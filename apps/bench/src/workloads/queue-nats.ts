/** Measures messages of a queue on NATS, next to the client of JetStream alone. */
import { implementationOf, type Implementations, type Workload } from '../harness/workload.ts';
import { asphaltExchange, concurrency, counted, inBatches, timeOf, type Exchange } from './queue-exchange.ts';

/** The variable that passes the server's URL to the processes that take samples. */
const variable = 'BENCH_NATS_URL';
const yardstick = 'bare';

const implementations: Implementations<(url: string) => Promise<Exchange>> = {
  async asphalt(url) {
    const { NatsMessagingComponent } = await import('@asphalt/messaging/nats');
    const { NatsComponent } = await import('@asphalt/nats');
    return asphaltExchange({ nats: NatsComponent, messaging: NatsMessagingComponent }, { nats: { url } });
  },

  async [yardstick](url) {
    const { connect } = await import('@nats-io/transport-node');
    const { jetstream } = await import('@nats-io/jetstream');
    const { InFlight } = await import('@asphalt/integration');
    const client = jetstream(await connect({ servers: url }));
    const manager = await client.jetstreamManager();
    const name = `bare-${process.pid}`;
    await manager.streams.add({ name, subjects: [name], retention: 'workqueue' });
    await manager.consumers.add(name, { durable_name: name, ack_policy: 'explicit' });
    const consumer = await client.consumers.get(name, name);
    let handled = (): void => undefined;
    const running = new InFlight();
    void (async () => {
      for await (const message of await consumer.consume({ max_messages: concurrency })) {
        await running.below(concurrency);
        void running.run(async () => {
          message.json();
          handled();
          await message.ackAck();
        });
      }
    })();
    return async (messages) => {
      const all = counted(messages);
      handled = all.count;
      await inBatches(messages, (number) => client.publish(name, JSON.stringify(number)));
      await all.reached;
      await running.idle();
    };
  },
};

export const queueNats: Workload = {
  name: 'queue-nats',
  measures: `A message is sent to a private NATS server, handled and acknowledged; ${concurrency} at a time are handled.`,
  unit: 'µs',
  yardstick,
  target: 'asphalt ≤ 1.25 × bare',
  subjects: [
    { name: 'asphalt', package: '@asphalt/messaging', note: 'a queue of NatsMessagingComponent and a handler' },
    {
      name: yardstick,
      package: '@nats-io/jetstream',
      note: 'confirmed messages, a durable consumer, confirmed acknowledgements',
    },
  ],
  async prepare() {
    const { natsServer } = await import('@asphalt/testing/servers');
    process.env[variable] ??= (await natsServer()).url;
  },
  async sample(subject, effort) {
    return timeOf(await implementationOf(implementations, subject)(process.env[variable]!), effort);
  },
};
