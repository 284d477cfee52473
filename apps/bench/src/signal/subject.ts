import { Subject } from 'rxjs';
import type { Event } from './event.ts';

export function connect(subscribers: ReadonlyArray<(event: Event) => void>): (event: Event) => void {
  const subject = new Subject<Event>();
  for (const subscriber of subscribers) subject.subscribe(subscriber);
  return (event) => subject.next(event);
}
