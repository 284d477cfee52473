import { NatsComponent } from '@asphalt/nats';
import { NatsMessagingComponent } from '../../src/nats/index.ts';

export const components = { nats: NatsComponent, messaging: NatsMessagingComponent };
