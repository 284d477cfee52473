export { delayText, type Delay, type DelayCause, type DelayingComponent, type StackFrame } from './delay.ts';
export { BlockingError } from './errors.ts';
export { logDelays, type DelaySource } from './log-delays.ts';
export { Watchdog, type WatchdogOptions } from './watchdog.ts';
