/** For authors of applications and components: declare, run, contexts, signals, options, and the errors that callers handle. */
export { Application } from '../application/application.ts';
export { ApplicationStateError } from '../application/errors.ts';
export { ComponentStartError, StartError, type Waiting, StopError } from '../application/start-stop-errors.ts';
export type { ApplicationState, ComponentState, LifecycleEvent, StepState } from '../application/lifecycle.ts';
export type { HealthReport } from '../application/health.ts';
export type { HealthCheck, HealthStatus } from '../application/health-checker.ts';
export { runApplication, type RunOptions } from '../application/run-application.ts';
export type { ApplicationOptions, TimeLimits } from '../application/runtime.ts';
export { silentLogger, type Logger } from '../component/logger.ts';
export { startApplication, type PlanOptions } from '../application/start-application.ts';
export { CliComponent, type CliResult } from '../component/cli-component.ts';
export { Component } from '../component/component.ts';
export {
  child,
  lookups,
  type Children,
  type ComponentClass,
  type ComponentOptions,
  type LookupSource,
  type Wanted,
} from '../component/component-options.ts';
export {
  component,
  fromConfig,
  inject,
  injectAll,
  provides,
  task,
  type InjectOptions,
  type ProvidesOptions,
} from '../component/decorators.ts';
export { on, onAll, type OnAllOptions, type OnOptions } from '../component/handlers.ts';
export {
  defineApp,
  section,
  type AppConfig,
  type ComponentSection,
  type ComponentSections,
  type ServiceConfig,
} from '../component/define-app.ts';
export type { Deferred } from '../component/injection-types.ts';
export { health, type HealthOptions } from '../component/health.ts';
export { providedBy } from '../component/provided-by.ts';
export { defineConfig, type ConfigInput, type ConfigOf } from '../config/define.ts';
export { ConfigError } from '../config/errors.ts';
export { listOf, mapOf } from '../config/schema.ts';
export type {
  ConfigOption,
  ConfigSchema,
  Format,
  FormatName,
  FormatTypes,
  ListFormat,
  MapFormat,
  StandardSchema,
  ValueFormat,
} from '../config/schema.ts';
export { Context, type TaskWork } from '../context/context.ts';
export type {
  CloseOptions,
  ContextState,
  FactoryOptions,
  Made,
  ResourceAdded,
  ResourceOptions,
} from '../context/context-options.ts';
export { ContextStateError, TeardownError } from '../context/errors.ts';
export { ResourceNotFoundError } from '../context/resource-errors.ts';
export {
  Token,
  token,
  type AnyIdentifier,
  type Key,
  LazyServiceIdentifier,
  type ServiceIdentifier,
} from '../context/key.ts';
export type { TaskHandle, TaskOptions, TaskTeardown } from '../context/task.ts';
export type { TaskGroup, TaskGroupOptions } from '../context/task-group.ts';
export { callAfter } from '../context/timer.ts';
export { AsphaltError } from '../errors/asphalt-error.ts';
export type { ComponentNode } from '../graph/component-node.ts';
export type { Plan } from '../graph/plan.ts';
export { PlanError } from '../graph/errors.ts';
export { SignalEvent, type EventClass } from '../signal/event.ts';
export { SignalCompletedError, StreamOverflowError } from '../signal/errors.ts';
export type { Overflow, QueueOptions } from '../signal/event-queue.ts';
export { callingComponent, type CallingComponent } from '../signal/scope.ts';
export { streamEvents, waitEvent } from '../signal/several.ts';
export { Signal } from '../signal/signal.ts';
export type { SubscriberFailure } from '../signal/subscriber-failure.ts';
export type { EventStream, StreamOptions } from '../signal/stream.ts';
export type { WaitOptions } from '../signal/wait.ts';
