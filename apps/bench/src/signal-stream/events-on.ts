import { EventEmitter, on } from 'node:events';
import type { Event } from '../signal/event.ts';

export function connect(receive: (event: Event) => void): (event: Event) => void {
  const emitter = new EventEmitter();
  void (async () => {
    for await (const [event] of on(emitter, 'event')) receive(event as Event);
  })();
  return (event) => emitter.emit('event', event);
}
