/** Type tests of signals. */
import { filter, map, of, type Observable } from 'rxjs';
import { Signal, SignalEvent, streamEvents, waitEvent, type EventStream } from '@asphalt/core';

class PageChanged extends SignalEvent {
  constructor(readonly url: string) {
    super();
  }
}

class Empty extends SignalEvent {}

const changed = new Signal(PageChanged);
const text = new Signal<string>();
const nothing = new Signal<void>();

export const inferred: Signal<PageChanged> = changed;
export const anything: readonly Signal<unknown>[] = [changed, text, nothing];
export const empty: Signal<Empty> = new Signal(Empty);
export const observable: Observable<string> = text;
export const lengths: Observable<number> = text.pipe(
  filter((event) => event !== ''),
  map((event) => event.length),
);
export const stream: EventStream<string> = text.stream({ filter: (event) => event.startsWith('a') });
export const next: Promise<PageChanged> = changed.wait((event) => event.url !== '');
export const either: Promise<string | PageChanged> = waitEvent([text, changed]);
export const both: EventStream<string | PageChanged> = streamEvents([text, changed]);

of('a').subscribe(text);
// @ts-expect-error -- the signal does not accept numbers
of(1).subscribe(text);

nothing.dispatch();
changed.dispatch(new PageChanged('/'));
changed.subscribe((event) => {
  event.source satisfies object | undefined;
  event.topic satisfies string;
  event.time satisfies number;
});

// @ts-expect-error -- a string is not a PageChanged
changed.dispatch('/');
// @ts-expect-error -- a number is not a string
text.dispatch(1);
// @ts-expect-error -- the event is missing
text.dispatch();
// @ts-expect-error -- a subscriber of numbers cannot receive strings
text.subscribe((event: number) => event);
// @ts-expect-error -- the class of the events must extend SignalEvent
export const unfit = new Signal(Date);
// @ts-expect-error -- the policy does not exist
text.stream({ overflow: 'drop' });
// @ts-expect-error -- only signals set the fields of an event
new PageChanged('/').topic = 'changed';
