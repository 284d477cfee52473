/** The base class of the components of engines. A subclass only opens and closes its engine. */
import { Component, component, provides, type ConfigSchema } from '@asphalt/core';
import type { Engine } from './engine/engine.ts';
import { Messaging } from './messaging.ts';
import type { MessagingConfig } from './options.ts';
import { Schedules } from './schedule/schedules.ts';

@component({})
export abstract class EngineComponent<S extends ConfigSchema<MessagingConfig>> extends Component<S> {
  #messaging!: Messaging;

  /** Opens the engine, and closes it when the generator continues, after all handlers and senders have ended. */
  protected abstract open(abort: AbortSignal): AsyncGenerator<Engine, void, unknown>;

  override async *prepare(abort: AbortSignal): AsyncGenerator<void, void, unknown> {
    for await (const engine of this.open(abort)) {
      this.#messaging = new Messaging(engine, this.config, this.logger);
      yield;
    }
  }

  // The providers use the field instead of `@inject`, which would inject the resource named "default".

  @provides(Messaging)
  messaging(): Messaging {
    return this.#messaging;
  }

  @provides(Schedules)
  schedules(): Schedules {
    return new Schedules(this.#messaging, this.logger);
  }
}
