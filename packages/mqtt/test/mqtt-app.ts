import { Component, component, startApplication, type Application, type ComponentClass } from '@asphalt/core';
import { recordingLogger, type LogLine } from '@asphalt/test-support';
import { mosquittoServer, type TestServer } from '@asphalt/testing/servers';
import { onTestFinished } from 'vitest';
import { Mqtt, MqttComponent, MqttLink } from '../src/index.ts';

export interface MqttApp {
  readonly app: Application;
  readonly server: TestServer;
  readonly mqtt: Mqtt;
  readonly link: MqttLink;
  readonly lines: LogLine[];
}

/** Starts a broker that the end of the test stops. */
export async function startBroker(): Promise<TestServer> {
  const server = await mosquittoServer();
  onTestFinished(() => server.stop());
  return server;
}

/** Starts an application that uses a broker; the end of the test stops it. */
export async function mqttApp(
  options: object = {},
  server?: TestServer,
  components: Readonly<Record<string, ComponentClass>> = {},
): Promise<MqttApp> {
  const used = server ?? (await startBroker());
  const { logger, lines } = recordingLogger();
  const connect = { maxDelay: 100, minDelay: 20, for: 0 };
  const mqtt = { url: used.url, timeout: 3000, probe: 200, connect, ...options };

  @component({ components: { mqtt: MqttComponent, ...components } })
  class App extends Component {}
  const app = await startApplication(App, { config: { components: { mqtt } } as never, logger });
  onTestFinished(() => app.stop());
  const { context } = app;
  return {
    app,
    server: used,
    lines,
    mqtt: context.getResourceSync(Mqtt),
    link: context.getResourceSync(MqttLink),
  };
}
