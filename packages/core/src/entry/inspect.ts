/** Describes applications without running them. For tools such as the command line. */
export { planApplication, type PlanOptions } from '../application/start-application.ts';
export { installedComponents, type InstalledComponent } from '../graph/installed-components.ts';
export type { Place } from '../component/place.ts';
export type { OptionDescription, ValueSource } from '../inspect/describe-options.ts';
export type { JsonSchema } from '../inspect/json-schema.ts';
export { keyText } from '../context/key.ts';
export {
  describeConfig,
  describeServices,
  type ComponentConfigDescription,
  type ConfigDescription,
  type DisabledDescription,
  type ServicesSchema,
} from '../inspect/describe-config.ts';
export { diffConfig, type ConfigDifference, type ConfigDifferences } from '../inspect/diff-config.ts';
export {
  explainKey,
  type KeyExplanation,
  type NeedExplanation,
  type ProviderExplanation,
} from '../inspect/explain-key.ts';
export { partialPlan } from '../graph/partial-plan.ts';
export { readyOrder } from '../graph/component-order.ts';
export {
  describePlan,
  describeProblem,
  type ComponentDescription,
  type HealthCheckDescription,
  type NeedDescription,
  type PlanDescription,
  type ProblemDescription,
  type ProviderDescription,
} from '../inspect/describe-plan.ts';
export type { Plan, PlannedComponent, PlannedHealthCheck, Provider, Step, StepKind } from '../graph/plan.ts';
export type { DisabledComponent } from '../graph/disabled-components.ts';
export { signalsOf } from '../signal/signal.ts';
