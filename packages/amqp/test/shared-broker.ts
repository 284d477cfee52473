import { rabbitmqServer, unavailable, type TestServer } from '@asphalt/testing/servers';
import { afterAll, beforeAll } from 'vitest';

export interface SharedBroker {
  /** Returns the broker behind a wire of its own. */
  connect(): Promise<TestServer>;
  /** Returns the broker itself, once it has started. */
  broker(): TestServer;
}

/**
 * Starts one RabbitMQ for all tests of a file, because it needs several seconds. Each test has a wire of its own to it, on
 * which `kill` and `freeze` act.
 *
 * @param prepare - called once with the URL of the broker
 */
export function sharedBroker(prepare: (url: string) => Promise<void> = async () => undefined): SharedBroker {
  const variable = 'ASPHALT_TEST_RABBITMQ';
  const before = process.env[variable];
  let broker: TestServer | undefined;
  beforeAll(async () => {
    if (unavailable('rabbitmq')) return;
    broker = await rabbitmqServer({ password: 'hunter2' });
    process.env[variable] = broker.url;
    await prepare(broker.url);
  }, 120_000);
  afterAll(async () => {
    if (before === undefined) delete process.env[variable];
    else process.env[variable] = before;
    await broker?.stop();
  });
  return { connect: () => rabbitmqServer(), broker: () => broker! };
}
