/** Measures the delivery of one event through signals and event libraries. */
import { load, type Loaders, type Workload } from '../harness/workload.ts';
import { meanTime } from '../harness/hot.ts';
import type { Event } from '../signal/event.ts';

/** Connects the subscribers to one sender. @returns a function that sends an event to all of them */
type Connect = (subscribers: ReadonlyArray<(event: Event) => void>) => (event: Event) => void;

const loaders: Loaders<{ connect: Connect }> = {
  asphalt: () => import('../signal/asphalt.ts'),
  EventEmitter: () => import('../signal/event-emitter.ts'),
  Subject: () => import('../signal/subject.ts'),
  mitt: () => import('../signal/mitt.ts'),
  nanoevents: () => import('../signal/nanoevents.ts'),
  eventemitter3: () => import('../signal/eventemitter3.ts'),
};

export function signalWorkload(count: number): Workload {
  return {
    name: `signal-${count}`,
    measures: `One event is sent to ${count === 1 ? 'one subscriber' : `${count} subscribers`}.`,
    unit: 'ns',
    yardstick: 'EventEmitter',
    target: 'asphalt ≤ 0.5 × EventEmitter, and no slower than any other',
    subjects: [
      { name: 'asphalt', package: '@asphalt/core' },
      { name: 'EventEmitter', note: 'of Node' },
      { name: 'Subject', package: 'rxjs', note: 'of rxjs' },
      { name: 'mitt', package: 'mitt' },
      { name: 'nanoevents', package: 'nanoevents' },
      { name: 'eventemitter3', package: 'eventemitter3' },
    ],
    async sample(subject, effort) {
      const { connect } = await load(loaders, subject);
      const event: Event = { amount: 1 };
      let received = 0;
      let sent = 0;
      const subscribers = Array.from({ length: count }, () => (incoming: Event): void => {
        received += incoming.amount;
      });
      const send = connect(subscribers);
      const value = await meanTime(() => {
        sent++;
        send(event);
      }, effort);
      if (received !== sent * count)
        throw new Error(`${sent} events to ${count} subscribers were received ${received} times`);
      return { value };
    },
  };
}
