import { createNanoEvents } from 'nanoevents';
import type { Event } from './event.ts';

export function connect(subscribers: ReadonlyArray<(event: Event) => void>): (event: Event) => void {
  const emitter = createNanoEvents<{ event: (event: Event) => void }>();
  for (const subscriber of subscribers) emitter.on('event', subscriber);
  return (event) => emitter.emit('event', event);
}
