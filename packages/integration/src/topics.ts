/**
 * Subscriptions to the topics of a server, for drivers that restore confirmed subscriptions after an outage. It must not know
 * any driver.
 */
import type { Subscriber } from 'rxjs';
import { Observable } from 'rxjs/internal/Observable';
import type { Link } from './link.ts';

/** Subscribes to a topic. Resolves when the server has confirmed it, with a function that unsubscribes. */
export type SubscribeTopic<T> = (topic: string, deliver: (message: T) => void) => Promise<() => Promise<unknown>>;

interface Topic<T> {
  readonly observers: Set<Subscriber<T>>;
  /** Present while the server has a confirmed subscription. */
  unsubscribe?: (() => Promise<unknown>) | undefined;
  /** Whether a command is running. */
  busy: boolean;
}

/** The topics of a server. All observers of a topic share one subscription. */
export class Topics<T> {
  readonly #link: Pick<Link, 'state' | 'restored'>;
  readonly #subscribe: SubscribeTopic<T>;
  readonly #topics = new Map<string, Topic<T>>();

  constructor(link: Pick<Link, 'state' | 'restored'>, subscribe: SubscribeTopic<T>) {
    this.#link = link;
    this.#subscribe = subscribe;
  }

  /** Returns the messages of a topic. The Observable completes when the connection closes. */
  messages(name: string): Observable<T> {
    return new Observable((subscriber: Subscriber<T>) => this.#observe(name, subscriber));
  }

  #observe(name: string, observer: Subscriber<T>): () => void {
    const topic = this.#topics.get(name) ?? { observers: new Set(), busy: false };
    this.#topics.set(name, topic);
    topic.observers.add(observer);
    void this.#settle(name, topic);
    const closing = this.#link.restored.subscribe({ complete: () => observer.complete() });
    return () => {
      closing.unsubscribe();
      topic.observers.delete(observer);
      void this.#settle(name, topic);
    };
  }

  /** Sends one command after another until the server has a subscription exactly if the topic has observers. */
  async #settle(name: string, topic: Topic<T>): Promise<void> {
    if (topic.busy) return;
    topic.busy = true;
    let failed: readonly Subscriber<T>[] = [];
    let reason: unknown;
    try {
      while (topic.observers.size > 0 !== (topic.unsubscribe !== undefined)) await this.#command(name, topic);
    } catch (error) {
      reason = error;
      failed = [...topic.observers];
      topic.observers.clear();
    }
    topic.busy = false;
    if (topic.observers.size === 0) this.#topics.delete(name);
    for (const observer of failed) observer.error(reason);
  }

  async #command(name: string, topic: Topic<T>): Promise<void> {
    const { observers, unsubscribe } = topic;
    if (unsubscribe) {
      await this.#send(unsubscribe);
      topic.unsubscribe = undefined;
    } else {
      const deliver = (message: T): void => observers.forEach((observer) => observer.next(message));
      topic.unsubscribe = await this.#send(() => this.#subscribe(name, deliver));
    }
  }

  /** Sends a command, and sends it again after each outage that loses it. */
  async #send<R>(command: () => Promise<R>): Promise<R> {
    for (;;) {
      try {
        return await command();
      } catch (error) {
        if (this.#link.state !== 'lost') throw error;
        await this.#link.restored.wait();
      }
    }
  }
}
