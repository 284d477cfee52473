import mitt, { type Emitter } from 'mitt';
import type { Event } from './event.ts';

// mitt's types describe a CommonJS module whose default export is the namespace. Node imports the function.
const create = mitt as unknown as () => Emitter<{ event: Event }>;

export function connect(subscribers: ReadonlyArray<(event: Event) => void>): (event: Event) => void {
  const emitter = create();
  for (const subscriber of subscribers) emitter.on('event', subscriber);
  return (event) => emitter.emit('event', event);
}
