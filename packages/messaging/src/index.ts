export type { Delivery } from './delivery.ts';
export { EngineComponent } from './engine-component.ts';
export type {
  Claimed,
  DeadEnvelope,
  Engine,
  Envelope,
  Failure,
  LeaseStore,
  MessageStore,
  QueueState,
  QueueStore,
  Sending,
  StoreSettings,
  TopicStore,
} from './engine/engine.ts';
export {
  MessageSchemaError,
  MessagingDriverError,
  MessagingOptionError,
  MessagingServerError,
  MessagingUnsupportedError,
  ScheduleError,
} from './errors.ts';
export { Leader, type Term } from './leader.ts';
export { MemoryEngine } from './memory/memory-engine.ts';
export { Messaging, type LeaderOptions, type NamedState, type QueueOptions } from './messaging.ts';
export { MessagingComponent } from './messaging-component.ts';
export { messagingOptions, type MessagingConfig } from './options.ts';
export { Queue, type DeadLetter, type SendOptions } from './queue.ts';
export { schedule, type Scheduled, type ScheduleOptions } from './schedule/schedule.ts';
export { Schedules, type RunOptions } from './schedule/schedules.ts';
export type { Timetable } from './schedule/timetable.ts';
export { Topic, type GroupOptions, type PublishOptions } from './topic.ts';
export { DeferredDelivery, RejectedDelivery } from '@asphalt/integration';
