/** A handler of deliveries whose effects a test observes and controls. */
import { Component, component, inject, on, provides, token, type ComponentClass, type Context } from '@asphalt/core';
import type { Deliveries } from '@asphalt/core/deliveries';
import type { Delivery } from '../delivery.ts';
import { vi } from 'vitest';
import { Messaging } from '../messaging.ts';

const Source = token<Deliveries<Delivery<string>>>('Source');

/** The events of handlers, in their order. Several replicas can share one. */
export class Journal {
  readonly events: string[] = [];
  /** The number of handlers that are running, and the largest number of them. */
  running = 0;
  mostRunning = 0;

  /** The values of an event, such as those of `done`. */
  of(event: string): string[] {
    const start = `${event} `;
    return this.events.filter((each) => each.startsWith(start)).map((each) => each.slice(start.length));
  }

  /** Resolves when an event has occurred for a number of values. */
  async until(event: string, count: number): Promise<string[]> {
    return vi.waitFor(
      () => {
        const values = this.of(event);
        if (values.length < count) throw new Error(`${values.length} of ${count} ${event}: ${this.events.join(', ')}`);
        return values;
      },
      { timeout: 15_000, interval: 5 },
    );
  }
}

export interface ConsumerOptions {
  readonly source: (messaging: Messaging) => Deliveries<Delivery<string>>;
  readonly journal: Journal;
  readonly concurrency?: number;
  /** The work of the handler. */
  readonly work?: (delivery: Delivery<string>, context: Context) => unknown;
}

/**
 * Returns a component that handles deliveries. The journal receives `start`, `done` after the context has closed without an
 * error, `undo` after one with an error, and `dead` when the failure is final, each with the value.
 */
export function consumer({
  source,
  journal,
  concurrency = 1,
  work = () => undefined,
}: ConsumerOptions): ComponentClass {
  @component({})
  class Handler extends Component {
    @provides(Source)
    source(@inject(Messaging) messaging: Messaging): Deliveries<Delivery<string>> {
      return source(messaging);
    }

    @on(Source, (messages) => messages, {
      concurrency,
      onError: (_error, { value }) => void journal.events.push(`dead ${value}`),
    })
    async handle(delivery: Delivery<string>, context: Context): Promise<void> {
      const { value } = delivery;
      journal.events.push(`start ${value}`);
      journal.mostRunning = Math.max(journal.mostRunning, ++journal.running);
      context.onTeardown((error) => {
        journal.running--;
        journal.events.push(`${error === undefined ? 'done' : 'undo'} ${value}`);
      });
      await work(delivery, context);
    }
  }
  return Handler;
}
