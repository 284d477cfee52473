import type { DeliveryOptions } from '@asphalt/integration';
import type { StoreClientOptions } from './store-client.ts';

/** The settings of a queue, or of the groups of a topic. */
export interface SourceOptions<T> extends StoreClientOptions<T>, DeliveryOptions {}
