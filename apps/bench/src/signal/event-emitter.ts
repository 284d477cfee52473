import { EventEmitter } from 'node:events';
import type { Event } from './event.ts';

export function connect(subscribers: ReadonlyArray<(event: Event) => void>): (event: Event) => void {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(subscribers.length);
  for (const subscriber of subscribers) emitter.on('event', subscriber);
  return (event) => emitter.emit('event', event);
}
