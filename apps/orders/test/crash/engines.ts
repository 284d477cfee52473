/** The engines of the crash test. The orders are in PostgreSQL with each of them. */
import { component, Component, startApplication, type Application, type ComponentClass } from '@asphalt/core';
import { NatsMessagingComponent } from '@asphalt/messaging/nats';
import { PostgresMessagingComponent } from '@asphalt/messaging/postgres';
import { RedisMessagingComponent } from '@asphalt/messaging/redis';
import { NatsComponent } from '@asphalt/nats';
import { RedisComponent } from '@asphalt/redis';
import { natsServer, postgresServer, redisServer, type TestServer } from '@asphalt/testing/servers';

interface Engine {
  /** The files after services.yaml. */
  readonly files: readonly string[];
  /** The environment variable with the URL of the server. */
  readonly variable: string;
  readonly server: () => Promise<TestServer>;
  readonly components: Readonly<Record<string, ComponentClass>>;
  /** The component whose `url` is that of the server. */
  readonly client: string;
}

const all: Readonly<Record<string, Engine>> = {
  nats: {
    files: ['nats.yaml'],
    variable: 'NATS_URL',
    server: natsServer,
    components: { nats: NatsComponent, messaging: NatsMessagingComponent },
    client: 'nats',
  },
  postgres: {
    files: [],
    variable: 'DATABASE_URL',
    server: postgresServer,
    components: { messaging: PostgresMessagingComponent },
    client: 'messaging',
  },
  redis: {
    files: ['redis.yaml'],
    variable: 'REDIS_URL',
    server: redisServer,
    components: { redis: RedisComponent, messaging: RedisMessagingComponent },
    client: 'redis',
  },
};

export const engineNames: readonly string[] = Object.keys(all);

/** The servers of a run. The engine `postgres` shares the server of the orders. */
export class Broker implements AsyncDisposable {
  readonly files: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Further arguments of `asphalt run`: on a busy machine, the start of a process takes long. */
  readonly args: readonly string[];
  readonly #engine: Engine;
  readonly #server: TestServer | undefined;
  readonly #url: string;

  private constructor(engine: Engine, database: string, server: TestServer | undefined) {
    this.#engine = engine;
    this.#server = server;
    this.#url = server?.url ?? database;
    this.files = engine.files;
    this.env = { DATABASE_URL: database, [engine.variable]: this.#url };
    const limits = ['connect.for=2m', 'connect.timeout=1m', 'timeout=30s'];
    this.args = limits.map((limit) => `--set=component.components.${engine.client}.${limit}`);
  }

  /** @param database - the URL of the database with the orders */
  static async start(name: string, database: string): Promise<Broker> {
    const engine = all[name];
    if (engine === undefined) throw new Error(`Name one of these engines: ${engineNames.join(', ')}`);
    return new Broker(engine, database, engine.files.length > 0 ? await engine.server() : undefined);
  }

  /** Starts an application that can read the state of the queues. */
  async observe(): Promise<Application> {
    const { components, client } = this.#engine;
    @component({ components })
    class Observer extends Component {}
    return startApplication(Observer, { config: { components: { [client]: { url: this.#url } } } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.stop();
  }
}
