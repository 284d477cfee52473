/** Sends messages through a queue and waits until they are handled, for the workloads `queue` and `queue-nats`. */
import type { ComponentClass } from '@asphalt/core';

/** Sends messages and resolves when each of them has been handled and acknowledged. */
export type Exchange = (messages: number) => Promise<void>;

/** Number of messages that are handled at a time. */
export const concurrency = 8;
/** Number of messages that are sent at a time. */
const batch = 50;

/** Starts an application with a queue and a handler. */
export async function asphaltExchange(
  components: Readonly<Record<string, ComponentClass>>,
  config: Readonly<Record<string, object>>,
): Promise<Exchange> {
  const { Component, component, inject, on, provides, startApplication, token } = await import('@asphalt/core');
  const { Messaging } = await import('@asphalt/messaging');
  type Numbers = import('@asphalt/messaging').Queue<number>;
  const Numbers = token<Numbers>('Numbers');
  let handled = (): void => undefined;

  @component({ components })
  class App extends Component {
    @provides(Numbers)
    numbers(@inject(Messaging) messaging: import('@asphalt/messaging').Messaging): Numbers {
      return messaging.queue(`asphalt-${process.pid}`);
    }

    @on(Numbers, (numbers) => numbers.messages, { concurrency })
    async handle(): Promise<void> {
      handled();
    }
  }
  const { context } = await startApplication(App, { config: { components: config } as never });
  const numbers = await context.getResource(Numbers);
  return async (messages) => {
    const all = counted(messages);
    handled = all.count;
    await inBatches(messages, (number) => numbers.send(number));
    await all.reached;
    for (let left = true; left;) {
      const { ready, running, delayed } = await numbers.state();
      left = ready + running + delayed > 0;
    }
  };
}

/** Calls back when a number of messages was handled. */
export function counted(messages: number): { readonly count: () => void; readonly reached: Promise<void> } {
  let left = messages;
  let reach!: () => void;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  return { count: () => void (--left === 0 && reach()), reached };
}

export async function inBatches(messages: number, send: (number: number) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < messages; start += batch) {
    await Promise.all(Array.from({ length: Math.min(batch, messages - start) }, (_, index) => send(start + index)));
  }
}

/** Measures an exchange, for each message. */
export async function timeOf(exchange: Exchange, effort: 'full' | 'smoke'): Promise<{ readonly value: number }> {
  const [warmUp, messages] = effort === 'full' ? [1000, 5000] : [1, 10];
  await exchange(warmUp);
  const started = process.hrtime.bigint();
  await exchange(messages);
  return { value: Number(process.hrtime.bigint() - started) / 1000 / messages };
}
