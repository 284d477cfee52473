export { PostgresMessagingComponent, PostgresMessagingLink } from './postgres-messaging-component.ts';
