/** Measures events that pass through a queue to a `for await` loop. */
import { EventEmitter, on } from 'node:events';
import { meanTime } from '../harness/hot.ts';
import { implementationOf, type Implementations, type Workload } from '../harness/workload.ts';

interface Event {
  readonly amount: number;
}

/** Runs a loop that passes each event of an unbounded queue to `receive`. @returns a function that sends events */
type Connect = (receive: (event: Event) => void) => Promise<(event: Event) => void>;

const implementations: Implementations<Connect> = {
  async asphalt(receive) {
    const { Signal } = await import('@asphalt/core');
    const signal = new Signal<Event>();
    void (async () => {
      for await (const event of signal.stream({ overflow: 'unbounded' })) receive(event);
    })();
    return (event) => signal.dispatch(event);
  },

  async EventEmitter(receive) {
    const emitter = new EventEmitter();
    void (async () => {
      for await (const [event] of on(emitter, 'event')) receive(event as Event);
    })();
    return (event) => emitter.emit('event', event);
  },
};

const burst = 100;

export const signalStream: Workload = {
  name: 'signal-stream',
  measures: `Events are sent in bursts of ${burst} and consumed by a \`for await\` loop; the time is that of one event.`,
  unit: 'ns',
  yardstick: 'EventEmitter',
  target: 'asphalt ≤ 0.33 × EventEmitter',
  subjects: [
    { name: 'asphalt', package: '@asphalt/core', note: '`signal.stream()`' },
    { name: 'EventEmitter', note: '`events.on(emitter)`' },
  ],
  async sample(subject, effort) {
    const connect = implementationOf(implementations, subject);
    let received = 0;
    let sent = 0;
    let taken: () => void = () => undefined;
    const send = await connect(({ amount }) => {
      received += amount;
      if (received === sent) taken();
    });
    const event: Event = { amount: 1 };
    const time = await meanTime(async () => {
      const all = new Promise<void>((resolve) => {
        taken = resolve;
      });
      sent += burst;
      for (let i = 0; i < burst; i++) send(event);
      await all;
    }, effort);
    if (received !== sent) throw new Error(`${received} of ${sent} events were received`);
    return { value: time / burst };
  },
};
