import { tracingChannel } from 'node:diagnostics_channel';
import type { TraceMessage } from '@asphalt/core/tracing';

/** The messages of a trace point with the names of their channels. */
export interface Traces<M> {
  readonly seen: Array<[channel: 'start' | 'end' | 'asyncStart' | 'asyncEnd' | 'error', message: M]>;
  /** Ends the subscription. */
  unsubscribe(): void;
}

/** Subscribes to the channels of a trace point. */
export function recordTraces<M extends TraceMessage>(name: string): Traces<M> {
  const seen: Traces<M>['seen'] = [];
  const take = (channel: Traces<M>['seen'][number][0]) => (message: unknown) => void seen.push([channel, message as M]);
  const subscribers = {
    start: take('start'),
    end: take('end'),
    asyncStart: take('asyncStart'),
    asyncEnd: take('asyncEnd'),
    error: take('error'),
  };
  const channels = tracingChannel(name);
  channels.subscribe(subscribers);
  return { seen, unsubscribe: () => channels.unsubscribe(subscribers) };
}
