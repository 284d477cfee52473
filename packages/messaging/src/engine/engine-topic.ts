import { randomUUID } from 'node:crypto';
import type { Deliveries } from '@asphalt/core/deliveries';
import type { Delivery } from '../delivery.ts';
import { checkName } from '../names.ts';
import { Topic, type GroupOptions, type PublishOptions } from '../topic.ts';
import type { TopicStore } from './engine.ts';
import { sourceOf, type SourceOptions } from './source.ts';

/** A topic of an engine. */
export class EngineTopic<T> extends Topic<T> {
  readonly name: string;
  readonly #store: TopicStore;
  readonly #options: SourceOptions<T>;
  readonly #groups = new Map<string, Deliveries<Delivery<T>>>();

  constructor(store: TopicStore, options: SourceOptions<T>) {
    super();
    this.name = options.name;
    this.#store = store;
    this.#options = options;
  }

  override async publish(value: T, { key, headers = {} }: PublishOptions = {}): Promise<void> {
    const payload = this.#options.serializer.serialize(value);
    await this.#store.publish({ id: randomUUID(), payload, headers }, key);
  }

  override group(group: string, { from = 'now' }: GroupOptions = {}): Deliveries<Delivery<T>> {
    checkName('group', group);
    const known = this.#groups.get(group);
    if (known) return known;
    const store = this.#store.group(group, from);
    const name = `${this.name}.${group}`;
    const source = sourceOf(store, { ...this.#options, name });
    this.#groups.set(group, source);
    return source;
  }
}
