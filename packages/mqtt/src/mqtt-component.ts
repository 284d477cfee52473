/** The component of an MQTT broker. */
import { Component, component, fromConfig, health, inject, provides } from '@asphalt/core';
import { endpoint, JsonSerializer, Serializer } from '@asphalt/integration';
import { Mqtt, MqttLink } from './mqtt.ts';
import { options, server } from './options.ts';
import { MqttSession } from './session.ts';

@component({ config: options, description: 'A client of an MQTT broker' })
export class MqttComponent extends Component<typeof options> {
  readonly #endpoint = endpoint(this.config, server);
  readonly #link = new MqttLink(this, this.#endpoint);
  readonly #session = new MqttSession(this, this.#endpoint, this.#link);

  @provides(MqttLink)
  link(): MqttLink {
    return this.#link;
  }

  @provides(Mqtt)
  async *mqtt(
    abort: AbortSignal,
    @inject(Serializer, { optional: true }) serializer: Serializer | undefined,
  ): AsyncGenerator<Mqtt, void, unknown> {
    yield* this.#link.hold(new Mqtt(this.#session, serializer ?? new JsonSerializer()), this.#session, abort);
  }

  @health({ critical: fromConfig('required') })
  async ping(@inject(Mqtt) _connected: Mqtt): Promise<void> {
    this.#link.assertUp();
    await this.#session.check();
  }
}
