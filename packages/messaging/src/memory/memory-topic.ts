import type { Envelope, MessageStore, StoreSettings, TopicStore } from '../engine/engine.ts';
import { MemoryMessage, MemoryStore } from './memory-store.ts';

interface Published {
  readonly envelope: Envelope;
  readonly key: string | undefined;
  readonly at: number;
}

/** A topic in memory. */
export class MemoryTopic implements TopicStore {
  readonly #retainMs: number;
  readonly #groups = new Map<string, MemoryGroup>();
  /** The messages for groups that start at the beginning, in the order of their publication. */
  readonly #published = new Set<Published>();

  constructor({ retainMs }: Pick<StoreSettings, 'retainMs'>) {
    this.#retainMs = retainMs;
  }

  /** The names of its groups. */
  get groups(): readonly string[] {
    return [...this.#groups.keys()];
  }

  async publish(envelope: Envelope, key: string | undefined): Promise<void> {
    this.#forget();
    this.#published.add({ envelope, key, at: Date.now() });
    for (const group of this.#groups.values()) group.deliver(envelope, key);
  }

  group(name: string, from: 'now' | 'start'): MessageStore {
    const known = this.#groups.get(name);
    if (known) return known;
    const group = new MemoryGroup();
    this.#groups.set(name, group);
    this.#forget();
    if (from === 'start') for (const { envelope, key } of this.#published) group.deliver(envelope, key);
    return group;
  }

  close(): void {
    for (const group of this.#groups.values()) group.close();
  }

  #forget(): void {
    for (const published of this.#published) {
      if (published.at + this.#retainMs > Date.now()) return;
      this.#published.delete(published);
    }
  }
}

/** The messages of a group. Of the messages with the same key, only the first one is ready. */
class MemoryGroup extends MemoryStore {
  /** For each key with an unsettled message, the later messages. */
  readonly #behind = new Map<string, MemoryMessage[]>();

  deliver(envelope: Envelope, key: string | undefined): void {
    this.enter(new MemoryMessage(envelope, key));
  }

  protected override enter(message: MemoryMessage): void {
    const { key } = message;
    const behind = key === undefined ? undefined : this.#behind.get(key);
    if (behind) {
      behind.push(message);
      return;
    }
    if (key !== undefined) this.#behind.set(key, []);
    this.add(message, 0);
  }

  protected override ended({ key }: MemoryMessage): void {
    if (key === undefined) return;
    const next = this.#behind.get(key)?.shift();
    if (next) this.add(next, 0);
    else this.#behind.delete(key);
  }
}
