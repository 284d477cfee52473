export type { MessagingContract, TestBroker } from './broker.ts';
export { describeLeader } from './describe-leader.ts';
export { describeQueue } from './describe-queue.ts';
export { describeSchedule } from './describe-schedule.ts';
export { describeTopic } from './describe-topic.ts';
