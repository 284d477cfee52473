/** The components of a NATS server and of its buckets. */
import { child, Component, component, defineConfig, fromConfig, health, inject, provides } from '@asphalt/core';
import { endpoint } from '@asphalt/integration';
import { JetStream, Nats, NatsKv, NatsLink } from './nats.ts';
import { options, server } from './options.ts';
import { NatsSession } from './session.ts';

const bucketOptions = defineConfig({
  bucket: { doc: 'Name of the bucket', format: 'name', required: true },
  nats: { doc: 'Name of the resources of the server', format: 'name', default: 'default' },
});

/** Provides a bucket that `NatsComponent` has created. That component contains one for each of its `buckets`. */
@component({ config: bucketOptions, description: 'A bucket of a NATS server' })
export class NatsKvComponent extends Component<typeof bucketOptions> {
  @provides(NatsKv)
  bucket(@inject(JetStream, fromConfig('nats')) jetStream: JetStream): NatsKv {
    return jetStream.bucket(this.config.bucket);
  }
}

@component({
  config: options,
  description: 'A client of a NATS server',
  components: ({ buckets }) =>
    Object.fromEntries(Object.keys(buckets).map((bucket) => [`bucket/${bucket}`, child(NatsKvComponent, { bucket })])),
})
export class NatsComponent extends Component<typeof options> {
  readonly #endpoint = endpoint(this.config, server, [this.config.token, this.config.nkey]);
  readonly #link = new NatsLink(this, this.#endpoint);
  readonly #session = new NatsSession(this, this.#endpoint, this.#link);

  @provides(NatsLink)
  link(): NatsLink {
    return this.#link;
  }

  @provides(Nats)
  async *nats(abort: AbortSignal): AsyncGenerator<Nats, void, unknown> {
    yield* this.#link.hold(new Nats(this.#session), this.#session, abort);
  }

  @provides(JetStream)
  jetStream(@inject(Nats) _connected: Nats): JetStream {
    return new JetStream(this.#session);
  }

  @health({ critical: fromConfig('required') })
  async flush(@inject(Nats) nats: Nats): Promise<void> {
    await nats.client.flush();
  }
}
