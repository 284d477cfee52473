import { NatsComponent } from '@asphalt/nats';
import { NatsMessagingComponent } from '@asphalt/messaging/nats';

export const components = { nats: NatsComponent, messaging: NatsMessagingComponent };
