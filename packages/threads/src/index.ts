export {
  ThreadCrashError,
  ThreadDrainError,
  ThreadModuleError,
  ThreadPoolClosedError,
  ThreadPoolFullError,
  ThreadPoolOptionsError,
  ThreadRejectionError,
  ThreadTimeoutError,
  ThreadValueError,
  type CalledFunction,
} from './errors.ts';
export type { CallOptions, ThreadFunction, ThreadModule, ThreadResult } from './thread-module.ts';
export { ThreadPool, type ModuleOptions, type ThreadPoolOptions } from './thread-pool.ts';
export { ThreadsComponent } from './threads-component.ts';
export type { ErrorClass } from './thrown.ts';
export { transfer } from './transfer.ts';
