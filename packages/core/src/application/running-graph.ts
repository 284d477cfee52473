/**
 * The components of an application while it runs, and the two things that can be done to them: to start some, and to
 * stop some. The whole application is only the largest such part. Who may be stopped by itself is not decided here.
 */
import type { Context } from '../context/context.ts';
import { keyText, type Key } from '../context/key.ts';
import type { ComponentNode } from '../graph/component-node.ts';
import { withDependents, type Dependency } from '../graph/dependents.ts';
import type { Plan } from '../graph/plan.ts';
import type { Logger } from '../component/logger.ts';
import type { StepState } from './lifecycle.ts';
import type { Waiting } from './start-errors.ts';
import type { StopFailure } from './stop-errors.ts';
import { FoundNeeds } from './found-needs.ts';
import { RunningComponent, type ComponentHost } from './running-component.ts';
import { Starting } from './starting.ts';
import { Signal } from '../signal/signal.ts';
import { Stopping } from './stopping.ts';
import { needsOfWayBack } from './way-back.ts';

export interface GraphHost {
  readonly plan: Plan;
  /** The application's context. */
  readonly context: Context;
  readonly logger: Logger;
  readonly stateChanged: (component: RunningComponent) => void;
  readonly stepChanged: (component: RunningComponent, step: number | 'ready', state: StepState) => void;
  /** Hears of a component that waits for a key. */
  readonly waits: (component: RunningComponent, key: Key) => void;
  /** Hears of what a component publishes by hand. */
  readonly published: (component: RunningComponent, keys: readonly Key[]) => void;
  /** Hears of a component that asked for a key by hand and has it, and of the step that published it. */
  readonly found: (component: RunningComponent, key: Key, publisher: number | undefined) => void;
  /** Says whose the signals of an object are; gives what completes them. */
  readonly adopt: (value: object, name: string) => (() => void) | undefined;
  /** Hears of what fails while the application goes on. */
  readonly report: (error: unknown) => void;
  /** Hears of a tool's result when its work is done. */
  readonly completed: (result: unknown) => void;
  /** Hears of what ends the application by its failure. */
  readonly crashed: (error: unknown, component: ComponentNode) => void;
}

/** Components by their index, in the order of declaration. */
export type Part = readonly number[];

export class RunningGraph {
  /** All components. */
  readonly whole: Part;
  readonly #host: GraphHost;
  readonly #componentHost: ComponentHost;
  /** Those that were started, or are being, by index; each start makes new ones. */
  readonly #components: RunningComponent[] = [];
  /** The steps that were begun and not undone, in the order in which they were. */
  #begun: number[] = [];
  readonly #found: FoundNeeds;
  #starting: Starting | undefined;
  /** What stops now; without a part, the application. */
  #stopping: { readonly part: Part | undefined; readonly by: Stopping } | undefined;

  constructor(host: GraphHost) {
    this.#host = host;
    this.whole = [...host.plan.components.keys()];
    this.#found = new FoundNeeds(host.plan);
    this.#componentHost = this.#makeComponentHost();
  }

  /** Whether a component has been started and not stopped. */
  runs(index: number): boolean {
    return this.#components[index]?.state === 'ready';
  }

  /** The given components, what stands below them, and whatever depends on any of these. */
  withDependents(given: Iterable<number>): Part {
    const { plan } = this.#host;
    const indexOf = (step: number): number => plan.steps[step]!.node.index;
    const found = this.#found.arrows().map(([step, need]): Dependency => [indexOf(step), indexOf(need)]);
    return withDependents(plan, found, given);
  }

  /**
   * Starts components that do not run; resolves with what failed, nothing when all of them are ready. What a failed
   * start has begun remains to be stopped.
   *
   * @param subject - what starts, as messages call it
   */
  async start(part: Part, subject: string, limitMs: number): Promise<readonly unknown[]> {
    const { plan, context, waits, report } = this.#host;
    const steps = plan.steps.map(({ index }) => index).filter(this.#partFilter(part));
    this.#renew(part);
    this.#found.forget(steps);
    const starting = (this.#starting = new Starting({
      plan,
      context,
      subject,
      components: part.map((index) => this.#components[index]!),
      steps,
      begins: (step) => this.#begun.push(step),
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

  /** Gives a start up because the application is to stop, for an error or because somebody said so. */
  cancelStart(error: unknown): void {
    this.#starting?.cancel(error);
  }

  /** What the components that have not started are doing. */
  waiting(): Waiting[] {
    return this.#starting?.waiting() ?? [];
  }

  /**
   * Stops components, as far as they were started; resolves with what failed when everything is undone or given up.
   *
   * @param part - also holds everything that depends on one of them
   * @param context - closed at the end; that of the application where it stops, and later errors belong to that stop
   */
  async stop(
    part: Part,
    subject: string,
    endedBy: unknown,
    limitMs: number,
    context?: Context,
  ): Promise<readonly StopFailure[]> {
    const { plan, logger, report } = this.#host;
    const reason = endedBy ?? new DOMException(`${subject} stops`, 'AbortError');
    // An application that was never started has none.
    for (const index of part) this.#components[index]?.abort(reason);
    const isPart = this.#partFilter(part);
    const stopping = new Stopping({
      plan,
      context,
      subject,
      components: this.#components,
      needs: needsOfWayBack(plan, this.#found.arrows()),
      begun: this.#begun.filter(isPart),
      endedBy,
      logger,
      report,
    });
    this.#stopping = { part: context ? undefined : part, by: stopping };
    const failures = await stopping.run(limitMs);
    for (const index of part) this.#components[index]?.end();
    this.#begun = this.#begun.filter((step) => !isPart(step));
    if (!context) this.#stopping = undefined;
    return failures;
  }

  /** Keeps an error that comes from what is being stopped; false where that goes on running. */
  failed(component: ComponentNode | undefined, error: unknown): boolean {
    if (!this.#stopping) return false;
    const { part, by } = this.#stopping;
    if (part && !(component && part.includes(component.index))) return false;
    by.failed(component, error);
    return true;
  }

  #renew(part: Part): void {
    const { components } = this.#host.plan;
    for (const index of part) {
      this.#components[index] = new RunningComponent(this.#componentHost, components[index]!);
    }
  }

  /** Tells whether a step belongs to one of the given components. */
  #partFilter(part: Part): (step: number) => boolean {
    if (part.length === this.whole.length) return () => true;
    const { steps } = this.#host.plan;
    const inside = new Set(part);
    return (step) => inside.has(steps[step]!.node.index);
  }

  #makeComponentHost(): ComponentHost {
    const { context, logger, adopt, stateChanged, stepChanged, report, completed, crashed } = this.#host;
    const isAtWork = (component: RunningComponent): boolean =>
      this.#starting !== undefined && this.#components[component.node.index] === component;
    return {
      context,
      logger,
      waitFor: (component, id, name) =>
        isAtWork(component) ? this.#starting!.waitFor(component, id, name) : undefined,
      published: (component, ids, name) => {
        if (!isAtWork(component)) return;
        this.#found.published(component.publishingStep, ids, name);
        this.#host.published(
          component,
          ids.map((id) => ({ id, name })),
        );
      },
      looksUp: (component, id, name) => {
        if (!isAtWork(component)) return;
        for (const step of component.stepsAtWork) this.#found.found(step, id, name);
      },
      found: (component, id, name) => {
        if (isAtWork(component)) this.#host.found(component, { id, name }, this.#found.publisherOf(id, name));
      },
      adopt: (value, key) => {
        // Most applications have given away all their signals, or make none.
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
