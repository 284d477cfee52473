/**
 * Owns the running components of an application and starts or stops subgraphs of them; the whole application is the
 * largest subgraph. It must not decide which components may be stopped by themselves; `component-operations.ts` does.
 */
import type { Context } from '../context/context.ts';
import { keyText, type Key } from '../context/key.ts';
import type { ComponentNode } from '../graph/component-node.ts';
import { withDependents, type Dependency } from '../graph/dependents.ts';
import type { Plan } from '../graph/plan.ts';
import type { Logger } from '../component/logger.ts';
import type { StepState } from './lifecycle.ts';
import type { Waiting, StopFailure } from './start-stop-errors.ts';
import { DynamicNeeds, stopDependencies } from './stop-order.ts';
import { RunningComponent, type ComponentHost } from './running-component.ts';
import { Starting } from './starting.ts';
import { Signal } from '../signal/signal.ts';
import { Stopping } from './stopping.ts';

export interface GraphHost {
  readonly plan: Plan;
  /** The application's context. */
  readonly context: Context;
  readonly logger: Logger;
  readonly stateChanged: (component: RunningComponent) => void;
  readonly stepChanged: (component: RunningComponent, step: number | 'ready', state: StepState) => void;
  /** Called when a component waits for a key. */
  readonly waits: (component: RunningComponent, key: Key) => void;
  /** Called when a component publishes keys explicitly. */
  readonly published: (component: RunningComponent, keys: readonly Key[]) => void;
  /** Called when a dynamic lookup has its resource, with the step that published it. */
  readonly onResolved: (component: RunningComponent, key: Key, publisher: number | undefined) => void;
  /** Assigns the signals of an object to their owner; returns a function that completes them. */
  readonly adopt: (value: object, name: string) => (() => void) | undefined;
  /** Called with errors that do not end the application. */
  readonly report: (error: unknown) => void;
  /** Called with a tool's result when the tool has finished. */
  readonly completed: (result: unknown) => void;
  /** Called with an error that ends the application. */
  readonly crashed: (error: unknown, component: ComponentNode) => void;
}

/** Indexes of components, in the order of declaration. */
export type Subgraph = readonly number[];

export class RunningGraph {
  /** All components. */
  readonly whole: Subgraph;
  readonly #host: GraphHost;
  readonly #componentHost: ComponentHost;
  /** The components by index, from their first start on. Each start creates new objects. */
  readonly #components: RunningComponent[] = [];
  /** The steps that were started and not undone, in the order in which they were started. */
  #startedSteps: number[] = [];
  readonly #dynamicNeeds: DynamicNeeds;
  #starting: Starting | undefined;
  /** The stop in progress; without a subgraph, it stops the application. */
  #stopping: { readonly subgraph: Subgraph | undefined; readonly by: Stopping } | undefined;

  constructor(host: GraphHost) {
    this.#host = host;
    this.whole = [...host.plan.components.keys()];
    this.#dynamicNeeds = new DynamicNeeds(host.plan);
    this.#componentHost = this.#makeComponentHost();
  }

  /** Returns whether a component was started and not stopped. */
  runs(index: number): boolean {
    return this.#components[index]?.state === 'ready';
  }

  /** Returns the given components, their descendants, and everything that depends on any of them. */
  withDependents(given: Iterable<number>): Subgraph {
    const { plan } = this.#host;
    const indexOf = (step: number): number => plan.steps[step]!.node.index;
    const found = this.#dynamicNeeds.edges().map(([step, need]): Dependency => [indexOf(step), indexOf(need)]);
    return withDependents(plan, found, given);
  }

  /**
   * Starts components that are not running; resolves with the failures, an empty list if all components are ready.
   * After a failure, the caller has to stop the components.
   *
   * @param subject - name of the subgraph in messages
   */
  async start(subgraph: Subgraph, subject: string, limitMs: number): Promise<readonly unknown[]> {
    const { plan, context, waits, report } = this.#host;
    const steps = plan.steps.map(({ index }) => index).filter(this.#subgraphFilter(subgraph));
    this.#renew(subgraph);
    this.#dynamicNeeds.forget(steps);
    const starting = (this.#starting = new Starting({
      plan,
      context,
      subject,
      components: subgraph.map((index) => this.#components[index]!),
      steps,
      onStepStart: (step) => this.#startedSteps.push(step),
      waits,
      report,
    }));
    await starting.run(limitMs);
    this.#starting = undefined;
    return starting.end();
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
   * @param context - context of the application if the whole application stops; closed at the end, and later errors
   *   belong to this stop
   */
  async stop(
    subgraph: Subgraph,
    subject: string,
    endedBy: unknown,
    limitMs: number,
    context?: Context,
  ): Promise<readonly StopFailure[]> {
    const { plan, logger, report } = this.#host;
    const reason = endedBy ?? new DOMException(`${subject} is stopping`, 'AbortError');
    // In an application that was never started, no component exists yet.
    for (const index of subgraph) this.#components[index]?.abort(reason);
    const isIncluded = this.#subgraphFilter(subgraph);
    const stopping = new Stopping({
      plan,
      context,
      subject,
      components: this.#components,
      needs: stopDependencies(plan, this.#dynamicNeeds.edges()),
      startedSteps: this.#startedSteps.filter(isIncluded),
      endedBy,
      logger,
      report,
    });
    this.#stopping = { subgraph: context ? undefined : subgraph, by: stopping };
    const failures = await stopping.run(limitMs);
    for (const index of subgraph) this.#components[index]?.end();
    this.#startedSteps = this.#startedSteps.filter((step) => !isIncluded(step));
    if (!context) this.#stopping = undefined;
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
    const { components } = this.#host.plan;
    for (const index of subgraph) {
      this.#components[index] = new RunningComponent(this.#componentHost, components[index]!);
    }
  }

  /** Returns a predicate for the steps of the given components. */
  #subgraphFilter(subgraph: Subgraph): (step: number) => boolean {
    if (subgraph.length === this.whole.length) return () => true;
    const { steps } = this.#host.plan;
    const inside = new Set(subgraph);
    return (step) => inside.has(steps[step]!.node.index);
  }

  #makeComponentHost(): ComponentHost {
    const { context, logger, adopt, stateChanged, stepChanged, report, completed, crashed } = this.#host;
    const isInStart = (component: RunningComponent): boolean =>
      this.#starting !== undefined && this.#components[component.node.index] === component;
    return {
      context,
      logger,
      waitFor: (component, id, name) =>
        isInStart(component) ? this.#starting!.waitFor(component, id, name) : undefined,
      published: (component, ids, name) => {
        if (!isInStart(component)) return;
        this.#dynamicNeeds.published(component.ownerStep, ids, name);
        this.#host.published(
          component,
          ids.map((id) => ({ id, name })),
        );
      },
      onLookup: (component, id, name) => {
        if (!isInStart(component)) return;
        for (const step of component.currentSteps) this.#dynamicNeeds.add(step, id, name);
      },
      onResolved: (component, id, name) => {
        if (isInStart(component))
          this.#host.onResolved(component, { id, name }, this.#dynamicNeeds.publisherOf(id, name));
      },
      adopt: (value, key) => {
        // Search the value only if a signal without an owner may exist.
        if (!Signal.mayAdopt() || typeof value !== 'object' || value === null) return undefined;
        return adopt(value, keyText(key));
      },
      stateChanged,
      stepChanged,
      report,
      completed,
      crashed,
    };
  }
}
