import { Component, component, startApplication, type Application } from '@asphalt/core';
import { recordingLogger, type LogLine } from '@asphalt/test-support';
import { redisServer, type TestServer } from '@asphalt/testing/servers';
import { onTestFinished } from 'vitest';
import { Redis, RedisChannels, RedisComponent, RedisLink } from '../src/index.ts';

@component({ components: { redis: RedisComponent } })
class App extends Component {}

export interface RedisApp {
  readonly app: Application;
  readonly server: TestServer;
  readonly redis: Redis;
  readonly channels: RedisChannels;
  readonly link: RedisLink;
  readonly lines: LogLine[];
}

/** Starts a server and an application that uses it; the end of the test stops both. */
export async function redisApp(options: object = {}): Promise<RedisApp> {
  const server = await redisServer();
  onTestFinished(() => server.stop());
  const { logger, lines } = recordingLogger();
  const redis = { url: server.url, timeout: 300, probe: 200, connect: { maxDelay: 100, minDelay: 20 }, ...options };
  const app = await startApplication(App, { config: { components: { redis } }, logger });
  onTestFinished(() => app.stop());
  const { context } = app;
  return {
    app,
    server,
    lines,
    redis: context.getResourceSync(Redis),
    channels: context.getResourceSync(RedisChannels),
    link: context.getResourceSync(RedisLink),
  };
}
