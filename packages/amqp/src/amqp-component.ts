/** The component of an AMQP broker. */
import { Component, component, fromConfig, health, inject, provides } from '@asphalt/core';
import { endpoint, JsonSerializer, Serializer } from '@asphalt/integration';
import { Amqp, AmqpLink, AmqpPublisher } from './amqp.ts';
import { options, server } from './options.ts';
import { AmqpSession } from './session.ts';

@component({ config: options, description: 'A client of an AMQP broker' })
export class AmqpComponent extends Component<typeof options> {
  readonly #endpoint = endpoint(this.config, server);
  readonly #link = new AmqpLink(this, this.#endpoint);
  readonly #session = new AmqpSession(this, this.#endpoint, this.#link);

  @provides(AmqpLink)
  link(): AmqpLink {
    return this.#link;
  }

  @provides(AmqpPublisher)
  async *publisher(
    abort: AbortSignal,
    @inject(Serializer, { optional: true }) serializer: Serializer | undefined,
  ): AsyncGenerator<AmqpPublisher, void, unknown> {
    const publisher = new AmqpPublisher(this.#session, serializer ?? new JsonSerializer());
    yield* this.#link.hold(publisher, this.#session, abort);
  }

  @provides(Amqp)
  amqp(
    @inject(AmqpPublisher) _connected: AmqpPublisher,
    @inject(Serializer, { optional: true }) serializer: Serializer = new JsonSerializer(),
  ): Amqp {
    return new Amqp(this.#session, serializer);
  }

  @health({ critical: fromConfig('required') })
  async openChannel(@inject(Amqp) _connected: Amqp): Promise<void> {
    this.#link.assertUp();
    await this.#session.check();
  }
}
