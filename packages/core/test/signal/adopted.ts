import { Signal } from '@asphalt/core';

export class Detector {
  readonly changed = new Signal<string>();
  readonly failed = new Signal<Error>();
}

export interface SubscriberReport {
  readonly error: unknown;
  readonly signal: string;
}

/** Returns an adopted signal, the errors that it reports, and a function that completes it. */
export function adopted(): { signal: Signal<string>; reports: SubscriberReport[]; complete: () => void } {
  const detector = new Detector();
  const reports: SubscriberReport[] = [];
  const complete = Signal.adopt(detector, {
    name: 'Detector',
    onError: ({ error, owner, signal }) => void reports.push({ error, signal: `${owner}.${signal}` }),
  })!;
  return { signal: detector.changed, reports, complete };
}
