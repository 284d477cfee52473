export { Inbox } from './inbox.ts';
export { Outbox } from './outbox.ts';
export { OutboxComponent } from './outbox-component.ts';
