/** Every error class of the runtime, with the types of their data, and helpers to write errors of your own. */
export {
  ApplicationStateError,
  ComponentStoppedError,
  DeliveryOptionsError,
  DeliveryReturnedError,
  HandlerError,
  HookPropertyError,
  SubscriberError,
  LogLevelError,
  UnknownComponentError,
  UnpublishedResourceError,
} from '../application/errors.ts';
export {
  ComponentStartError,
  ComponentTimeoutError,
  StartCancelledError,
  StartDeadlockError,
  StartError,
  StartStalledError,
  StartTimeoutError,
  type StartPhase,
  type Waiting,
  StopError,
  ComponentDownError,
  StopTimeoutError,
  UnhandledFailuresError,
  type StopFailure,
} from '../application/start-stop-errors.ts';
export { CheckError, UnknownTypeError } from '../checked/errors.ts';
export { ComponentConstructionError, DecoratorCallError, DecoratorModeError } from '../component/errors.ts';
export { providerHint } from '../component/provided-by.ts';
export {
  ConfigError,
  ConfigFileError,
  ConfigKeyError,
  ConfigSchemaError,
  ConfigServiceError,
  ConfigSetError,
  type ConfigProblem,
  type FileFault,
  type FilePlace,
} from '../config/errors.ts';
export {
  ContextIdError,
  ContextLeakError,
  ContextStateError,
  TaskCrashError,
  TaskNotStartedError,
  TeardownError,
  TeardownTimeoutError,
  type TeardownFailure,
} from '../context/errors.ts';
export { keyText } from '../context/key.ts';
export {
  AsyncResourceError,
  FactoryCycleError,
  IdentifierError,
  ResourceConflictError,
  ResourceNameError,
  ResourceNotFoundError,
  ResourceTypeError,
  ResourceValueError,
  type NearResources,
} from '../context/resource-errors.ts';
export { AsphaltError, describeThrown, type Explanation } from '../errors/asphalt-error.ts';
export { nearMisses } from '../errors/near-misses.ts';
export { UnknownKeyError } from '../inspect/errors.ts';
export { DecoratorError, UndeclaredParameterError } from '../graph/declaration-errors.ts';
export { DependencyCycleError, type CycleLink } from '../graph/describe-cycles.ts';
export {
  ComponentTypeError,
  DuplicateProviderError,
  GraphProblem,
  MissingProviderError,
  PlanError,
  ScopeError,
  type ProblemSubject,
} from '../graph/errors.ts';
export { DeliveryConsumerError, EventTypeError, SignalCompletedError, StreamOverflowError } from '../signal/errors.ts';
