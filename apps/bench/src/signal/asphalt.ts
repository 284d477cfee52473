import { Signal } from '@asphalt/core';
import type { Event } from './event.ts';

export function connect(subscribers: ReadonlyArray<(event: Event) => void>): (event: Event) => void {
  const signal = new Signal<Event>();
  for (const subscriber of subscribers) signal.subscribe(subscriber);
  return (event) => signal.dispatch(event);
}
