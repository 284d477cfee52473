import { Component, component, startApplication, type Application, type ComponentClass } from '@asphalt/core';
import { recordingLogger, type LogLine } from '@asphalt/test-support';
import { natsServer, type NatsServerOptions, type TestServer } from '@asphalt/testing/servers';
import { onTestFinished } from 'vitest';
import { JetStream, Nats, NatsComponent, NatsLink } from '../src/index.ts';

export interface NatsApp {
  readonly app: Application;
  readonly server: TestServer;
  readonly nats: Nats;
  readonly jetStream: JetStream;
  readonly link: NatsLink;
  readonly lines: LogLine[];
}

/** Starts a server that the end of the test stops. */
export async function startNats(options: NatsServerOptions = {}): Promise<TestServer> {
  const server = await natsServer(options);
  onTestFinished(() => server.stop());
  return server;
}

/**
 * Starts an application that uses a server; the end of the test stops it.
 *
 * @param archive - the options of a component `nats/archive`
 */
export async function natsApp(
  options: object = {},
  server?: TestServer,
  components: Readonly<Record<string, ComponentClass>> = {},
  archive?: object,
): Promise<NatsApp> {
  const used = server ?? (await startNats());
  const { logger, lines } = recordingLogger();
  const connect = { maxDelay: 100, minDelay: 20, for: 0 };
  const nats = { url: used.url, timeout: 500, probe: 200, connect, ...options };

  @component({ components: { nats: NatsComponent, ...components } })
  class App extends Component {}
  const app = await startApplication(App, {
    config: { components: { nats, ...(archive && { 'nats/archive': archive }) } } as never,
    logger,
  });
  onTestFinished(() => app.stop());
  const { context } = app;
  return {
    app,
    server: used,
    lines,
    nats: context.getResourceSync(Nats),
    jetStream: context.getResourceSync(JetStream),
    link: context.getResourceSync(NatsLink),
  };
}
