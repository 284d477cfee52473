/** Measures the delivery of one event through signals and event libraries. */
import { EventEmitter } from 'node:events';
import type { Emitter } from 'mitt';
import { meanTime } from '../harness/hot.ts';
import { implementationOf, type Implementations, type Workload } from '../harness/workload.ts';

interface Event {
  readonly amount: number;
}

/** Connects the subscribers to one sender. @returns a function that sends an event to all of them */
type Connect = (subscribers: ReadonlyArray<(event: Event) => void>) => Promise<(event: Event) => void>;

const implementations: Implementations<Connect> = {
  async asphalt(subscribers) {
    const { Signal } = await import('@asphalt/core');
    const signal = new Signal<Event>();
    for (const subscriber of subscribers) signal.subscribe(subscriber);
    return (event) => signal.dispatch(event);
  },

  async EventEmitter(subscribers) {
    const emitter = new EventEmitter();
    emitter.setMaxListeners(subscribers.length);
    for (const subscriber of subscribers) emitter.on('event', subscriber);
    return (event) => emitter.emit('event', event);
  },

  async Subject(subscribers) {
    const { Subject } = await import('rxjs');
    const subject = new Subject<Event>();
    for (const subscriber of subscribers) subject.subscribe(subscriber);
    return (event) => subject.next(event);
  },

  async mitt(subscribers) {
    const { default: mitt } = await import('mitt');
    // mitt's types describe a CommonJS module whose default export is the namespace. Node imports the function.
    const create = mitt as unknown as () => Emitter<{ event: Event }>;
    const emitter = create();
    for (const subscriber of subscribers) emitter.on('event', subscriber);
    return (event) => emitter.emit('event', event);
  },

  async nanoevents(subscribers) {
    const { createNanoEvents } = await import('nanoevents');
    const emitter = createNanoEvents<{ event: (event: Event) => void }>();
    for (const subscriber of subscribers) emitter.on('event', subscriber);
    return (event) => emitter.emit('event', event);
  },

  async eventemitter3(subscribers) {
    const { EventEmitter: EventEmitter3 } = await import('eventemitter3');
    const emitter = new EventEmitter3<{ event: [Event] }>();
    for (const subscriber of subscribers) emitter.on('event', subscriber);
    return (event) => emitter.emit('event', event);
  },
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
      const connect = implementationOf(implementations, subject);
      const event: Event = { amount: 1 };
      let received = 0;
      let sent = 0;
      const subscribers = Array.from({ length: count }, () => (incoming: Event): void => {
        received += incoming.amount;
      });
      const send = await connect(subscribers);
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
