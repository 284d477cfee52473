import type { Engine, LeaseStore, QueueStore, StoreSettings, TopicStore } from '../engine/engine.ts';
import { MemoryLease } from './memory-lease.ts';
import { MemoryQueue } from './memory-queue.ts';
import { MemoryTopic } from './memory-topic.ts';

/**
 * An engine in the memory of a process. Several applications of one process can share it in tests. A claimed message belongs
 * to its handler until it is settled, because no process can crash on its own.
 */
export class MemoryEngine implements Engine {
  readonly name = 'memory';
  readonly #queues = new Map<string, MemoryQueue>();
  readonly #topics = new Map<string, MemoryTopic>();
  readonly #leases = new Map<string, MemoryLease>();

  queue(name: string, settings: StoreSettings): QueueStore {
    return known(this.#queues, name, () => new MemoryQueue(settings));
  }

  topic(name: string, settings: StoreSettings): TopicStore {
    return known(this.#topics, name, () => new MemoryTopic(settings));
  }

  lease(name: string): LeaseStore {
    return known(this.#leases, name, () => new MemoryLease());
  }

  async names(): Promise<readonly string[]> {
    const groups = [...this.#topics].flatMap(([topic, { groups }]) => groups.map((group) => `${topic}.${group}`));
    return [...this.#queues.keys(), ...groups];
  }

  /** Ends the timers of delayed messages. */
  close(): void {
    for (const each of [...this.#queues.values(), ...this.#topics.values()]) each.close();
  }
}

function known<T>(map: Map<string, T>, name: string, create: () => T): T {
  let value = map.get(name);
  if (value === undefined) map.set(name, (value = create()));
  return value;
}
