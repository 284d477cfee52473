import { Component, on, type ComponentClass } from '@asphalt/core';
import { DeferredDelivery } from '@asphalt/integration';
import { Deferred } from '@asphalt/test-support';
import { unavailable, type TestServer } from '@asphalt/testing/servers';
import { describe, expect, test, vi } from 'vitest';
import { Mqtt, type ConsumerOptions, type MqttDelivery } from '../src/index.ts';
import { mqttApp, startBroker, type MqttApp } from './mqtt-app.ts';

const missing = unavailable('mosquitto');

interface Consuming extends MqttApp {
  readonly deliveries: MqttDelivery<string>[];
  readonly failures: string[];
}

interface Settings {
  readonly consumer?: Partial<ConsumerOptions>;
  readonly config?: object;
  readonly server?: TestServer;
  readonly concurrency?: number;
}

/** Starts an application whose handler consumes the topics `orders/+`. */
async function consume(
  handle: (delivery: MqttDelivery<string>, mqtt: Mqtt) => unknown,
  { consumer, config, server, concurrency = 2 }: Settings = {},
): Promise<Consuming> {
  const deliveries: MqttDelivery<string>[] = [];
  const failures: string[] = [];
  const backOff = { minDelay: 10, maxDelay: 20 };
  const select = (mqtt: Mqtt) => mqtt.topic<string>('orders/+', { qos: 1, backOff, ...consumer });
  let client: Mqtt | undefined;

  class Orders extends Component {
    @on(Mqtt, select, { concurrency, onError: (error, { id }) => void failures.push(`${id}: ${String(error)}`) })
    async handle(delivery: MqttDelivery<string>): Promise<void> {
      deliveries.push(delivery);
      await handle(delivery, client!);
    }
  }
  const app = await mqttApp(config, server, { orders: Orders as ComponentClass });
  client = app.mqtt;
  await app.mqtt.publish('other', 'the subscription is confirmed');
  return { ...app, deliveries, failures };
}

const send = async ({ mqtt }: MqttApp, ...ids: readonly string[]): Promise<void> => {
  for (const id of ids) await mqtt.publish('orders/new', JSON.stringify(id), { headers: { id } });
};

const valuesOf = ({ deliveries }: Consuming): string[] => deliveries.map(({ value }) => value);

describe.skipIf(missing)(`${missing || 'a consumer of topics'}`, () => {
  test('receives messages with topic and id', async () => {
    const consuming = await consume(() => undefined);
    await send(consuming, 'a', 'b');
    await vi.waitFor(() => expect(valuesOf(consuming)).toEqual(['a', 'b']));
    expect(consuming.deliveries[0]).toMatchObject({ id: 'a', topic: 'orders/new', attempt: 1 });
  });

  test('publishes and waits for the broker in its handler, at most as often at a time as its concurrency', async () => {
    let running = 0;
    let most = 0;
    let done = 0;
    const two = new Deferred();
    const consuming = await consume(async (_, mqtt) => {
      most = Math.max(most, ++running);
      if (running === 2) two.resolve();
      await two.promise;
      await mqtt.publish('done', 'x');
      running--;
      done++;
    });
    await send(consuming, ...Array.from({ length: 20 }, (_, number) => String(number)));
    await vi.waitFor(() => expect(done).toBe(20), { timeout: 5000 });
    expect(most).toBe(2);
  });

  test('retries a failed message, and publishes it with its error after the last attempt', async () => {
    const consuming = await consume(
      () => {
        throw new Error('no such address');
      },
      { consumer: { attempts: 3, deadLetters: 'dead' } },
    );
    const dead: string[] = [];
    consuming.mqtt
      .topic('dead')
      .subscribe(
        ({ payload, headers }) => void dead.push(`${payload.toString()} ${headers['id']} ${headers['asphalt-error']}`),
      );
    await send(consuming, 'a');
    await vi.waitFor(() => expect(dead).toEqual(['"a" a Error: no such address']));
    expect(consuming.failures).toEqual(['a: Error: no such address']);
    expect(consuming.deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  test('does not count a deferred delivery, and reports a payload that cannot be read', async () => {
    const consuming = await consume(() => {
      if (consuming.deliveries.length < 3) throw new DeferredDelivery(10);
    });
    await send(consuming, 'a');
    await vi.waitFor(() => expect(consuming.deliveries.map(({ attempt }) => attempt)).toEqual([1, 1, 1]));
    await consuming.mqtt.publish('orders/new', '{');
    await vi.waitFor(() => expect(consuming.failures).toHaveLength(1));
    expect(consuming.failures[0]).toContain('A payload is not valid JSON');
  });

  test('receives a message again whose connection breaks before its acknowledgement', async () => {
    const handling = new Deferred();
    const consuming = await consume(() => (consuming.deliveries.length === 1 ? handling.promise : undefined));
    await send(consuming, 'a');
    await vi.waitFor(() => expect(consuming.deliveries).toHaveLength(1));
    consuming.server.wire.cut();
    await consuming.link.restored.wait();
    await vi.waitFor(() => expect(valuesOf(consuming)).toEqual(['a', 'a']));
    handling.resolve();
    await vi.waitFor(() => expect(consuming.lines.map(({ message }) => message).join()).toContain('cannot be settled'));
    await send(consuming, 'b');
    await vi.waitFor(() => expect(valuesOf(consuming)).toEqual(['a', 'a', 'b']));
  });

  test('receives the messages that were sent while its application was stopped, and those that it had not handled', async () => {
    const server = await startBroker();
    const config = { clientId: 'orders' };
    const [started, handling] = [new Deferred(), new Deferred()];
    const first = await consume(
      async () => {
        started.resolve();
        await handling.promise;
      },
      { server, config, concurrency: 1 },
    );
    const sender = await mqttApp({}, server);
    await send(sender, 'a', 'b');
    await started.promise;
    const stopped = first.app.stop();
    handling.resolve();
    await stopped;
    expect(valuesOf(first)).toEqual(['a']);
    await send(sender, 'c');
    const second = await consume(() => undefined, { server, config });
    await vi.waitFor(() => expect(valuesOf(second)).toEqual(['b', 'c']));
  });

  test('continues after a restart of the broker', async () => {
    const consuming = await consume(() => undefined);
    await consuming.server.kill();
    await vi.waitFor(() => expect(consuming.link.state).toBe('lost'));
    await consuming.server.start();
    await vi.waitFor(() => expect(consuming.link.state).toBe('up'), { timeout: 5000 });
    await send(consuming, 'a');
    await vi.waitFor(() => expect(valuesOf(consuming)).toEqual(['a']));
  });

  test('shares messages with the other processes of its group', async () => {
    const server = await startBroker();
    const settings = { server, config: { sharedGroup: 'workers' } };
    const members = [await consume(() => undefined, settings), await consume(() => undefined, settings)];
    const sent = Array.from({ length: 20 }, (_, number) => String(number));
    await send(await mqttApp({}, server), ...sent);
    const received = (): string[] => members.flatMap((member) => valuesOf(member));
    await vi.waitFor(() => expect(received()).toHaveLength(sent.length));
    expect(new Set(received())).toEqual(new Set(sent));
    for (const member of members) expect(member.deliveries.length).toBeGreaterThan(0);
  });
});
