import { OfflineError } from '@asphalt/integration';
import { Deferred, errorOf } from '@asphalt/test-support';
import { unavailable } from '@asphalt/testing/servers';
import { describe, expect, test, vi } from 'vitest';
import type { MqttMessage } from '../src/index.ts';
import { mqttApp, startBroker, type MqttApp } from './mqtt-app.ts';

const missing = unavailable('mosquitto');

/** Resolves when the broker has handled all packets that the application has sent. */
const handled = ({ mqtt }: MqttApp): Promise<void> => mqtt.publish('other', 'handled');

describe.skipIf(missing)(`${missing || 'the topics of an MQTT broker'}`, () => {
  test('a filter delivers the values of its topics to every subscriber', async () => {
    const app = await mqttApp();
    const received: string[] = [];
    const subscriptions = ['a', 'b'].map((name) =>
      app.mqtt
        .topic<{ degrees: number }>('rooms/+/heat')
        .subscribe(({ topic, value }) => void received.push(`${name}: ${topic} ${value.degrees}`)),
    );
    await handled(app);
    await app.mqtt.publish('rooms/hall/light', { degrees: 1 });
    await app.mqtt.publish('rooms/hall/heat', { degrees: 20 }, { qos: 0 });
    await vi.waitFor(() => expect(received).toEqual(['a: rooms/hall/heat 20', 'b: rooms/hall/heat 20']));
    for (const subscription of subscriptions) subscription.unsubscribe();
    await handled(app);
    await app.mqtt.publish('rooms/hall/heat', { degrees: 21 });
    await handled(app);
    expect(received).toHaveLength(2);
  });

  test('a message contains its headers, and text and bytes are not changed', async () => {
    const app = await mqttApp();
    const received: MqttMessage<unknown>[] = [];
    app.mqtt.topic('#').subscribe((message) => void received.push(message));
    await handled(app);
    await app.mqtt.publish('a', 'ON', { headers: { sender: 'ada' }, qos: 2 });
    await app.mqtt.publish('b', Buffer.from([0, 255]));
    await vi.waitFor(() => expect(received.at(-1)?.topic).toBe('b'));
    const [text, bytes] = received.slice(-2);
    expect([text!.payload.toString(), text!.headers]).toEqual(['ON', { sender: 'ada' }]);
    expect(bytes!.payload).toEqual(Buffer.from([0, 255]));
    await errorOf(async () => text!.value);
  });

  test('a retained message reaches a later subscriber once', async () => {
    const app = await mqttApp();
    await app.mqtt.publish('state', 'on', { retain: true });
    const received: string[] = [];
    app.mqtt
      .topic('state')
      .subscribe(({ payload, isRetained }) => void received.push(`${payload.toString()} ${isRetained}`));
    await vi.waitFor(() => expect(received).toEqual(['on true']));
    app.server.wire.cut();
    await app.link.restored.wait();
    await handled(app);
    await app.mqtt.publish('state', 'off');
    await vi.waitFor(() => expect(received).toEqual(['on true', 'off false']));
  });

  test('a message that is published during an outage is refused, and none is sent later', async () => {
    const app = await mqttApp();
    const received: string[] = [];
    app.mqtt.topic('news').subscribe(({ payload }) => void received.push(payload.toString()));
    await handled(app);
    await app.server.kill();
    await vi.waitFor(() => expect(app.link.state).toBe('lost'));
    await errorOf(app.mqtt.publish('news', 'lost'), OfflineError);
    await errorOf(async () => app.mqtt.client, OfflineError);
    await app.server.start();
    await vi.waitFor(() => expect(app.link.state).toBe('up'), { timeout: 5000 });
    await app.mqtt.publish('news', 'after the outage');
    await vi.waitFor(() => expect(received).toEqual(['after the outage']));
  });

  test('a subscription that is made during an outage receives messages after it', async () => {
    const app = await mqttApp();
    await app.server.kill();
    await vi.waitFor(() => expect(app.link.state).toBe('lost'));
    const received: string[] = [];
    app.mqtt.topic('news').subscribe(({ payload }) => void received.push(payload.toString()));
    await app.server.start();
    await vi.waitFor(() => expect(app.link.state).toBe('up'), { timeout: 5000 });
    await handled(app);
    await app.mqtt.publish('news', '1');
    await vi.waitFor(() => expect(received).toEqual(['1']));
  });

  test('a filter that the broker refuses fails', async () => {
    const { mqtt } = await mqttApp();
    const failed = new Deferred<Error>();
    mqtt.topic('a/#/b').subscribe({ error: (error: Error) => failed.resolve(error) });
    expect((await failed.promise).message).toContain('Invalid topic');
  });

  test('subscriptions complete when the application stops', async () => {
    const { app, mqtt } = await mqttApp();
    const completed = new Deferred();
    mqtt.topic('news').subscribe({ complete: () => completed.resolve() });
    await app.stop();
    await completed.promise;
  });

  test('the broker sends the will of an application whose connection breaks', async () => {
    const server = await startBroker();
    const watching = await mqttApp({}, server);
    const received: string[] = [];
    watching.mqtt.topic('state').subscribe(({ payload }) => void received.push(payload.toString()));
    await handled(watching);
    const broken = await mqttApp({ will: { topic: 'state', payload: 'gone', qos: 1 } }, server);
    broken.mqtt.client.stream.destroy();
    await vi.waitFor(() => expect(received).toEqual(['gone']));
    const stopped = await mqttApp({ will: { topic: 'state', payload: 'stopped' } }, server);
    await stopped.app.stop();
    await handled(watching);
    expect(received).toEqual(['gone']);
  });
});
