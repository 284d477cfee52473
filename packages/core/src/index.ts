export { Application, type ApplicationOptions } from './application/application.ts';
export {
  ApplicationStateError,
  ComponentStoppedError,
  HandlerError,
  SubscriberError,
  UnknownComponentError,
} from './application/errors.ts';
export {
  ComponentStartError,
  ComponentTimeoutError,
  HookPropertyError,
  StartCancelledError,
  StartDeadlockError,
  StartError,
  StartStalledError,
  StartTimeoutError,
  type Waiting,
} from './application/start-errors.ts';
export { StopError, StopTimeoutError, type StopFailure } from './application/stop-errors.ts';
export type { ApplicationState, ComponentState, LifecycleEvent, StepState } from './application/lifecycle.ts';
export { runApplication, type RunOptions } from './application/run-application.ts';
export { silentLogger, type Logger } from './component/logger.ts';
export { planApplication, startApplication, type PlanOptions } from './application/start-application.ts';
export { checked, type Checked, type CheckedMethod, type CheckedOptions } from './checked/checked.ts';
export { CheckError, UnknownTypeError } from './checked/errors.ts';
export { unchecked, type Sort } from './checked/sorts.ts';
export { child } from './component/child.ts';
export { CliComponent, type CliResult } from './component/cli-component.ts';
export { Component, ComponentConstructionError } from './component/component.ts';
export type { ComponentClass } from './component/component-class.ts';
export type { Children, ComponentOptions } from './component/component-options.ts';
export {
  component,
  fromConfig,
  inject,
  injectAll,
  on,
  onAll,
  provides,
  task,
  type InjectOptions,
  type OnAllOptions,
  type OnOptions,
  type ProvidesOptions,
} from './component/decorators.ts';
export { DecoratorModeError } from './component/decorator-mode-error.ts';
export {
  defineApp,
  section,
  type AppConfig,
  type ComponentSection,
  type ComponentSections,
  type ServiceConfig,
} from './component/define-app.ts';
export type { Deferred } from './component/deferred.ts';
export { installedComponents, type InstalledComponent } from './component/installed-components.ts';
export type { Place } from './component/place.ts';
export { providedBy } from './component/provided-by.ts';
export { defineConfig, type ConfigInput, type ConfigOf } from './config/define.ts';
export { masked, TaggedValue } from './config/describe.ts';
export type { OptionDescription, Said } from './config/describe-options.ts';
export type { Environment } from './config/environment.ts';
export {
  ConfigError,
  ConfigFileError,
  ConfigKeyError,
  ConfigSchemaError,
  ConfigServiceError,
  ConfigSetError,
  problemSentence,
  type ConfigProblem,
} from './config/errors.ts';
export type { Origin } from './config/layers.ts';
export { loadConfig, type LoadConfigOptions } from './config/load.ts';
export {
  LoadedConfig,
  type ApplicationSettings,
  type ConfigSurroundings,
  type UnusedKey,
} from './config/loaded-config.ts';
export type { LoggingSettings, LogLevel } from './config/logging-setting.ts';
export { mergeConfig } from './config/merge.ts';
export { listOf, mapOf } from './config/nested.ts';
export type {
  ConfigOption,
  ConfigSchema,
  Format,
  FormatName,
  FormatTypes,
  ListFormat,
  MapFormat,
  ValueFormat,
} from './config/schema.ts';
export type { JsonSchema } from './config/json-schema.ts';
export type { StandardSchema } from './config/standard-schema.ts';
export { Context, type TaskWork } from './context/context.ts';
export type {
  CloseOptions,
  ContextState,
  FactoryOptions,
  Made,
  ResourceAdded,
  ResourceOptions,
} from './context/context-options.ts';
export {
  AsyncResourceError,
  ContextLeakError,
  ContextStateError,
  FactoryCycleError,
  ResourceConflictError,
  ResourceNotFoundError,
  ResourceTypeError,
  ResourceValueError,
  TaskCrashError,
  TaskNotStartedError,
  TeardownError,
  TeardownTimeoutError,
} from './context/errors.ts';
export {
  IdentifierError,
  keyText,
  ResourceNameError,
  Token,
  token,
  type Key,
  LazyServiceIdentifier,
  type ServiceIdentifier,
} from './context/key.ts';
export type { TaskHandle, TaskOptions, TaskTeardown } from './context/task.ts';
export type { TaskGroup, TaskGroupOptions } from './context/task-group.ts';
export { AsphaltError, describeThrown, render, type Explanation } from './errors/asphalt-error.ts';
export { nearMisses } from './errors/near-misses.ts';
export { describeConfig, type ComponentConfigDescription, type ConfigDescription } from './graph/describe-config.ts';
export { diffConfig, type ConfigDifference, type ConfigDifferences } from './graph/diff-config.ts';
export {
  explainKey,
  UnknownKeyError,
  type KeyExplanation,
  type NeedExplanation,
  type ProviderExplanation,
} from './graph/explain-key.ts';
export type { ComponentNode } from './graph/component-node.ts';
export { readyOrder } from './graph/component-order.ts';
export {
  describePlan,
  type ComponentDescription,
  type NeedDescription,
  type PlanDescription,
  type ProblemDescription,
  type ProviderDescription,
} from './graph/describe-plan.ts';
export { type Plan, type PlannedComponent, type Provider, type Step, type StepKind } from './graph/plan.ts';
export { DependencyCycleError, type CycleLink } from './graph/cycle-problem.ts';
export {
  ComponentTypeError,
  DecoratorError,
  DuplicateProviderError,
  GraphProblem,
  MissingProviderError,
  PlanError,
  ScopeError,
  UndeclaredParameterError,
  type ProblemSubject,
} from './graph/problems.ts';
export { EventTypeError, SignalEvent, type EventClass } from './signal/event.ts';
export { StreamOverflowError, type Overflow, type QueueOptions } from './signal/event-queue.ts';
export { callingComponent, type CallingComponent } from './signal/owned.ts';
export { streamEvents, waitEvent } from './signal/several.ts';
export { Signal, signalsOf, type SubscriberFailure } from './signal/signal.ts';
export { EventStream, type StreamOptions } from './signal/stream.ts';
export { SignalCompletedError, type WaitOptions } from './signal/wait.ts';
