/** One application of a test. Several of them share a broker, like the replicas of a service. */
import {
  Component,
  component,
  startApplication,
  type Application,
  type ComponentClass,
  type Logger,
} from '@asphalt/core';
import { onTestFinished } from 'vitest';
import { Messaging } from '../messaging.ts';
import type { MessagingContract, TestBroker } from './broker.ts';

/** Starts a private broker, and ends it when the test has finished. */
export async function brokerOf({ broker }: MessagingContract): Promise<TestBroker> {
  const started = await broker();
  onTestFinished(async () => void (await started.stop()));
  return started;
}

export interface Replica {
  readonly app: Application;
  readonly messaging: Messaging;
  /** Logged lines with their levels, such as `warn: …`. */
  readonly lines: readonly string[];
  /** The final failures that reached the application's `onError`. */
  readonly reported: readonly unknown[];
}

export interface ReplicaOptions {
  /** A further component, such as a handler. */
  readonly handler?: ComponentClass;
  /** Options of the engine's component, in addition to those of the broker. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Starts an application, and stops it when the test has finished. */
export async function startReplica(
  { components, config, engine }: TestBroker,
  { handler, options = {} }: ReplicaOptions = {},
): Promise<Replica> {
  const lines: string[] = [];
  const reported: unknown[] = [];
  const logger = loggerOf(lines);
  @component({ components: { ...components, ...(handler && { handler }) } })
  class App extends Component {}
  const app = await startApplication(App, {
    config: { components: { ...config, [engine]: { ...config[engine], ...options } } },
    logger,
    onError: (error) => void reported.push(error),
  });
  onTestFinished(() => app.stop());
  return { app, messaging: app.context.getResourceSync(Messaging), lines, reported };
}

function loggerOf(lines: string[]): Logger {
  const at = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const logger: Logger = {
    debug: () => undefined,
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  };
  return logger;
}
