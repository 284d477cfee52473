import { component, defineConfig, fromConfig, inject } from '@asphalt/core';
import { JetStream, NatsLink } from '@asphalt/nats';
import { EngineComponent } from '../engine-component.ts';
import type { Engine } from '../engine/engine.ts';
import { messagingOptions } from '../options.ts';
import { NatsEngine } from './nats-engine.ts';
import { NatsServer } from './nats-server.ts';

export const natsMessagingOptions = defineConfig({
  ...messagingOptions,
  retain: { ...messagingOptions.retain, default: '7d' },
  client: { doc: 'Name of the `Nats` that it uses', format: 'name', default: 'default' },
  prefix: { doc: 'Text before the names of streams and subjects', format: 'name', default: 'asphalt' },
  replicas: { doc: 'Number of copies of each stream in a cluster', format: 'int', default: 1 },
});

/** Queues, topics, leaders and schedules on a NATS server with JetStream. */
@component({ config: natsMessagingOptions, description: 'Queues, topics, leaders and schedules on NATS JetStream' })
export class NatsMessagingComponent extends EngineComponent<typeof natsMessagingOptions> {
  @inject(JetStream, fromConfig('client')) readonly jetStream!: JetStream;
  @inject(NatsLink, fromConfig('client')) readonly link!: NatsLink;

  protected override async *open(): AsyncGenerator<Engine, void, unknown> {
    const server = new NatsServer(this.jetStream, this.link);
    // During an outage, the first use checks the server.
    if (this.link.state === 'up') await server.check();
    const engine = new NatsEngine(server, this.config);
    yield engine;
    await engine.close();
  }
}
