/** Loads configuration: files, variables and values set on the command line, with the origin of every value. */
export { masked, TaggedValue } from '../config/describe.ts';
export type { Environment } from '../config/environment.ts';
export { problemSentence, type ConfigProblem } from '../config/errors.ts';
export type { Origin } from '../config/layers.ts';
export { loadConfig, loadServices, type LoadConfigOptions, type ServiceConfig } from '../config/sources/load.ts';
export { LoadedConfig, type ApplicationSettings, type LoadOptions, type UnusedKey } from '../config/loaded-config.ts';
export type { LoggingInput, LoggingSettings, LogLevel } from '../config/logging-setting.ts';
export type { PlainObject } from '../config/merge.ts';
export type { ByteUnit, DurationUnit, OptionFault, StandardIssue, StandardResult } from '../config/schema.ts';
