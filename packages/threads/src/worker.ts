/** For modules that run in a thread of a pool; light, because every thread loads it. */
export { currentCall, type CurrentCall } from './thread/current-call.ts';
export { transfer } from './transfer.ts';
