export { Deferred } from './deferred.ts';
export { errorOf, failureOf, summaryOf } from './failure.ts';
export { recordingLogger, type LogLine } from './logger.ts';
export { problemOf, problemsOf, withoutLines } from './problems.ts';
export { settled } from './settled.ts';
export { startUntilIdle, type IdleStart } from './start-until-idle.ts';
export { tempFolder } from './temp-folder.ts';
export { recordTraces, type Traces } from './traces.ts';
export { warningsOf } from './warnings.ts';
