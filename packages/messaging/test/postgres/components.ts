import { PostgresMessagingComponent } from '../../src/postgres/index.ts';

export const components = { messaging: PostgresMessagingComponent };
