/**
 * Owns the running components of an application and starts or stops subgraphs of them; the whole application is the
 * largest subgraph. It must not decide which components may be stopped by themselves; `component-operations.ts` does.
 */
import type { ComponentNode } from '../graph/component-node.ts';
import { withDependents, type Dependency } from '../graph/dependents.ts';
import type { StepIndex } from '../graph/plan.ts';
import { RunningComponent } from './running-component.ts';
import type { Runtime } from './runtime.ts';
import type { StopFailure, Waiting } from './start-stop-errors.ts';
import { Starting } from './starting.ts';
import { stopOrder } from './stop-order.ts';
import { Stopping, type StopRequest } from './stopping.ts';

/** Indexes of components, in the order of declaration. */
export type Subgraph = readonly number[];

/** What to stop, and why. */
export type StopReason = Pick<StopRequest, 'subject' | 'endsApplication' | 'endedBy'>;

export class RunningGraph {
  /** All components. */
  readonly whole: Subgraph;
  readonly #runtime: Runtime;
  /** The components by index, from their first start on. Each start creates new objects. */
  readonly #components: RunningComponent[] = [];
  /** The steps that were started and not undone, in the order in which they were started. */
  #startedSteps: StepIndex[] = [];
  #starting: Starting | undefined;
  /** The stop in progress; without a subgraph, it stops the application. */
  #stopping: { readonly subgraph: Subgraph | undefined; readonly by: Stopping } | undefined;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.whole = [...runtime.plan.components.keys()];
  }

  /** The components by index; empty before the first start. */
  get components(): readonly RunningComponent[] {
    return this.#components;
  }

  /** Returns whether a component was started and not stopped. */
  runs(index: number): boolean {
    return this.#components[index]?.activity.state === 'ready';
  }

  /** Returns the given components, their descendants, and everything that depends on any of them. */
  withDependents(given: Iterable<number>): Subgraph {
    const { plan, lookups } = this.#runtime;
    const indexOf = (step: StepIndex): number => plan.steps[step]!.node.index;
    const found = lookups.edges().map(([step, need]): Dependency => [indexOf(step), indexOf(need)]);
    return withDependents(plan, found, given);
  }

  /**
   * Starts components that are not running; resolves with the failures, an empty list if all components are ready.
   * After a failure, the caller has to stop the components.
   *
   * @param subject - name of the subgraph in messages
   * @param ended - called with the failures in the turn in which the start ends, before any task starts
   */
  async start(
    subgraph: Subgraph,
    subject: string,
    ended?: (failures: readonly unknown[]) => void,
  ): Promise<readonly unknown[]> {
    this.#renew(subgraph);
    const starting = new Starting(this.#runtime, {
      subject,
      components: subgraph.map((index) => this.#components[index]!),
      steps: this.#runtime.plan.steps.map(({ index }) => index).filter(this.#subgraphFilter(subgraph)),
    });
    this.#starting = starting;
    await starting.run();
    this.#starting = undefined;
    this.#startedSteps = [...this.#startedSteps, ...starting.startedSteps];
    const failures = starting.end();
    ended?.(failures);
    if (failures.length === 0) starting.startTasks();
    return failures;
  }

  get isStarting(): boolean {
    return this.#starting !== undefined;
  }

  /** Aborts a start because the application has to stop, after an error or on request. */
  cancelStart(error: unknown): void {
    this.#starting?.cancel(error);
  }

  /** Returns the components whose start is in progress, with the keys that they wait for. */
  waiting(): Waiting[] {
    return this.#starting?.waiting() ?? [];
  }

  /**
   * Stops components as far as they were started. Resolves with the failures when everything is undone or abandoned.
   *
   * @param subgraph - components to stop, including everything that depends on them
   */
  async stop(subgraph: Subgraph, reason: StopReason): Promise<readonly StopFailure[]> {
    const { subject, endsApplication, endedBy } = reason;
    const aborted = endedBy ?? new DOMException(`${subject} is stopping`, 'AbortError');
    // In an application that was never started, no component exists yet.
    for (const index of subgraph) this.#components[index]?.abort(aborted);
    const isIncluded = this.#subgraphFilter(subgraph);
    const startedSteps = this.#startedSteps.filter(isIncluded);
    const stopping = new Stopping(this.#runtime, {
      ...reason,
      components: this.#components,
      order: stopOrder(this.#runtime.plan, this.#runtime.lookups.edges(), startedSteps),
      startedSteps,
    });
    this.#stopping = { subgraph: endsApplication ? undefined : subgraph, by: stopping };
    const failures = await stopping.run();
    for (const index of subgraph) this.#components[index]?.end();
    this.#startedSteps = this.#startedSteps.filter((step) => !isIncluded(step));
    if (!endsApplication) this.#stopping = undefined;
    return failures;
  }

  /** Adds an error to the current stop; returns `false` if its component is not being stopped. */
  failed(component: ComponentNode | undefined, error: unknown): boolean {
    if (!this.#stopping) return false;
    const { subgraph, by } = this.#stopping;
    if (subgraph && !(component && subgraph.includes(component.index))) return false;
    by.failed(component, error);
    return true;
  }

  #renew(subgraph: Subgraph): void {
    const { components } = this.#runtime.plan;
    for (const index of subgraph) {
      this.#components[index] = new RunningComponent(components[index]!, this.#runtime);
    }
  }

  /** Returns a predicate for the steps of the given components. */
  #subgraphFilter(subgraph: Subgraph): (step: StepIndex) => boolean {
    if (subgraph.length === this.whole.length) return () => true;
    const { steps } = this.#runtime.plan;
    const inside = new Set(subgraph);
    return (step) => inside.has(steps[step]!.node.index);
  }
}
