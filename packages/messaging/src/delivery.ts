import type * as integration from '@asphalt/integration';

/** A message as a handler receives it. */
export interface Delivery<T> extends integration.Delivery<T> {
  /** The name of the queue, or those of the topic and the group: `news.audit`. */
  readonly source: string;
}
