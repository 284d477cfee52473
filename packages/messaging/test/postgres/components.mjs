import { PostgresMessagingComponent } from '@asphalt/messaging/postgres';

export const components = { messaging: PostgresMessagingComponent };
