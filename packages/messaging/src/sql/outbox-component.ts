import { Component, component, defineConfig, fromConfig, health, inject, provides, task } from '@asphalt/core';
import { pause } from '@asphalt/integration';
import { Database } from '@asphalt/sql';
import { Messaging } from '../messaging.ts';
import { Inbox } from './inbox.ts';
import { Outbox } from './outbox.ts';
import { Relay } from './relay.ts';
import { createTables } from './tables.ts';

export const outboxOptions = defineConfig(
  {
    database: { doc: 'Name of the database', format: 'name', default: 'default' },
    messaging: { doc: 'Name of the engine', format: 'name', default: 'default' },
    migrate: { doc: 'Whether the start creates the missing tables', format: 'boolean', default: true },
    batch: { doc: 'Number of messages that the relay sends in one transaction', format: 'int', default: 100 },
    poll: {
      doc: 'Interval in which the relay looks for messages of other processes',
      format: 'duration',
      default: '1s',
    },
    keep: { doc: 'Time for which the inbox remembers messages', format: 'duration', default: '7d' },
  },
  function* check({ batch, poll }) {
    if (batch < 1) yield { option: 'batch', message: 'must be at least 1' };
    if (poll <= 0) yield { option: 'poll', message: 'must be longer than 0' };
  },
);

const expiryMs = 60_000;

/** An inbox and an outbox in the tables of a SQL database. */
@component({ config: outboxOptions, description: 'An inbox and an outbox in a SQL database' })
export class OutboxComponent extends Component<typeof outboxOptions> {
  #relay!: Relay;
  #inbox!: Inbox;
  #messaging!: Messaging;

  override async prepare(
    @inject(Database, fromConfig('database')) db: Database,
    @inject(Messaging, fromConfig('messaging')) messaging: Messaging,
  ): Promise<void> {
    const { migrate, batch, poll, keep } = this.config;
    if (migrate) await createTables(db);
    this.#messaging = messaging;
    this.#relay = new Relay(db, messaging, { batch, pollMs: poll, logger: this.logger });
    this.#inbox = new Inbox(db, keep);
  }

  @provides(Outbox)
  outbox(): Outbox {
    return new Outbox(this.#messaging, this.#relay.wake);
  }

  @provides(Inbox)
  inbox(): Inbox {
    return this.#inbox;
  }

  @task()
  async relay(abort: AbortSignal): Promise<void> {
    await this.#relay.run(abort);
  }

  @task()
  async expire(abort: AbortSignal): Promise<void> {
    while (!abort.aborted) {
      try {
        await this.#inbox.expire();
      } catch (error) {
        this.logger.warn('The inbox cannot forget old messages', { error });
      }
      await pause(expiryMs, abort).catch(() => undefined);
    }
  }

  /** Messages wait in the database, so the application can work. */
  @health({ critical: false })
  sends(): void {
    const { failure } = this.#relay;
    if (failure) throw failure;
  }
}
