/** Measures events that pass through a queue to a `for await` loop. */
import { load, type Loaders, type Workload } from '../harness/workload.ts';
import { meanTime } from '../harness/hot.ts';
import type { Event } from '../signal/event.ts';

/** Runs a loop that passes each event of an unbounded queue to `receive`. @returns a function that sends events */
type Connect = (receive: (event: Event) => void) => (event: Event) => void;

const loaders: Loaders<{ connect: Connect }> = {
  asphalt: () => import('../signal-stream/asphalt.ts'),
  EventEmitter: () => import('../signal-stream/events-on.ts'),
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
    const { connect } = await load(loaders, subject);
    let received = 0;
    let sent = 0;
    let taken: () => void = () => undefined;
    const send = connect(({ amount }) => {
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
