import { Signal } from '@asphalt/core';
import type { Event } from '../signal/event.ts';

export function connect(receive: (event: Event) => void): (event: Event) => void {
  const signal = new Signal<Event>();
  void (async () => {
    for await (const event of signal.stream({ overflow: 'unbounded' })) receive(event);
  })();
  return (event) => signal.dispatch(event);
}
