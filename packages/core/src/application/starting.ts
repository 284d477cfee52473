/**
 * Runs one start of components in two passes over the graph: first the steps, then `ready`. Tasks start after that. It
 * also ends a start early: after a failure, a time limit, an empty event loop or a call to stop. It must not undo
 * anything; `Stopping` does.
 */
import { isAbortReaction } from '../context/abort-reaction.ts';
import type { Key } from '../context/key.ts';
import { isThenable } from '../context/teardown.ts';
import type { ComponentNode } from '../graph/component-node.ts';
import { readyOrder } from '../graph/component-order.ts';
import type { Step, StepIndex } from '../graph/plan.ts';
import type { ComponentActivity } from './component-activity.ts';
import { UnpublishedResourceError } from './errors.ts';
import type { OpenStart } from './lookups.ts';
import type { RunningComponent } from './running-component.ts';
import type { Runtime } from './runtime.ts';
import { forwards, runInOrder } from './schedule.ts';
import {
  ComponentStartError,
  ComponentTimeoutError,
  phaseOf,
  StartCancelledError,
  StartDeadlockError,
  StartStalledError,
  StartTimeoutError,
  waitingTree,
  type Waiting,
} from './start-stop-errors.ts';
import { startTimer } from '../context/timer.ts';

export interface StartRequest {
  /** Name of the subgraph in messages. */
  readonly subject: string;
  /** The components to start, in the order of declaration. */
  readonly components: readonly RunningComponent[];
  /** Their steps. */
  readonly steps: readonly StepIndex[];
}

/** Grace period for components to react to the abort signal of an aborted start, in milliseconds. */
const settleMs = 1000;

/** The time between two checks of whether all components wait, in milliseconds. The third one in a row logs a warning. */
const checkMs = 1000;

export class Starting implements OpenStart {
  /** The starts in progress. They share one listener, because Node warns of more than ten. */
  static readonly #inProgress = new Set<Starting>();
  static readonly #onBeforeExit = (): void => {
    for (const start of Starting.#inProgress) start.#stalled();
  };

  readonly steps: readonly StepIndex[];
  readonly activities: readonly ComponentActivity[];
  /** The steps that ran or are running, in the order in which they were started. A stop undoes them. */
  readonly startedSteps: StepIndex[] = [];
  readonly #runtime: Runtime;
  readonly #request: StartRequest;
  /** The components whose `ready` has ended, in that order. */
  readonly #ready: RunningComponent[] = [];
  /** The components to start, by index. */
  readonly #components = new Map<number, RunningComponent>();
  /** Why the start was aborted; set at that moment. */
  #ending: { readonly reason: unknown } | undefined;
  readonly #failures: unknown[] = [];
  readonly #abandoned: Promise<void>;
  #abandon!: () => void;
  #limit: NodeJS.Timeout | undefined;
  #settling: NodeJS.Timeout | undefined;
  #checks: NodeJS.Timeout | undefined;
  /** What all components waited for at the last check, and at how many checks before. */
  #idle: { readonly keys: string; readonly checks: number } | undefined;
  #over = false;

  constructor(runtime: Runtime, request: StartRequest) {
    this.#runtime = runtime;
    this.#request = request;
    this.steps = request.steps;
    this.activities = request.components.map(({ activity }) => activity);
    for (const component of request.components) this.#components.set(component.node.index, component);
    this.#abandoned = new Promise((resolve) => {
      this.#abandon = resolve;
    });
  }

  /** Resolves when everything is ready, or when the start was aborted and the grace period is over. */
  async run(): Promise<void> {
    // The timers do not keep the process alive: a start that cannot finish fails as soon as the event loop is empty.
    const { limits, lookups } = this.#runtime;
    this.#limit = startTimer(limits.startTimeout, () => this.#exceeded(limits.startTimeout));
    this.#limit?.unref();
    this.#checks = setInterval(() => this.#checkProgress(), checkMs).unref();
    if (Starting.#inProgress.add(this).size === 1) process.on('beforeExit', Starting.#onBeforeExit);
    lookups.open(this);
    await Promise.race([this.#bothPasses(), this.#abandoned]);
  }

  /** Ends the start; returns its failures, an empty list after a success. */
  end(): readonly unknown[] {
    this.#over = true;
    Starting.#inProgress.delete(this);
    if (Starting.#inProgress.size === 0) process.off('beforeExit', Starting.#onBeforeExit);
    clearTimeout(this.#limit);
    clearTimeout(this.#settling);
    clearInterval(this.#checks);
    this.#runtime.lookups.close();
    return this.#failures;
  }

  /** Starts the tasks of all components. Call it after a successful start. */
  startTasks(): void {
    for (const component of this.#ready) component.startTasks();
  }

  /** Aborts the start because the application has to stop, after an error or on request. */
  cancel(error: unknown): void {
    const requested = error === undefined || error instanceof StartCancelledError;
    if (!requested || !this.#ending) this.#fail(error ?? new StartCancelledError(undefined, this.#request.subject));
  }

  /** Returns the components whose start is in progress, with the keys that they wait for. */
  waiting(): Waiting[] {
    const now = performance.now();
    const pending = this.activities.filter((activity) => activity.pending > 0);
    return pending.map(({ node, state, since, progress }) => {
      return { node, state, since: now - since, keys: this.#keysOf(node), progress };
    });
  }

  #keysOf(node: ComponentNode): Key[] {
    return this.#runtime.lookups.keysOf(node);
  }

  async #bothPasses(): Promise<void> {
    const { plan, lookups } = this.#runtime;
    const runStep = (index: StepIndex): unknown => {
      const step = plan.steps[index]!;
      return this.#run(this.#components.get(step.node.index)!, step);
    };
    const needs = plan.steps.map((step) => step.needs);
    await runInOrder(forwards(needs, this.steps), runStep, this.#failed);
    if (this.#ending) return;
    lookups.stopWaiting();
    // All handlers subscribe before any `ready` hook or task runs, so that no event is missed. Deliveries wait for `ready`.
    if (!this.#request.components.every((component) => this.#listen(component))) return;
    const makeReady = (index: number): unknown => this.#run(this.#components.get(index)!, 'ready');
    await runInOrder(forwards(readyOrder(plan), [...this.#components.keys()]), makeReady, this.#failed);
  }

  #run(component: RunningComponent, phase: Step | 'ready'): unknown {
    // A step that still succeeds after an abort does not cause further steps to start.
    if (this.#ending) throw this.#ending.reason;
    if (phase !== 'ready') this.startedSteps.push(phase.index);
    let result: unknown;
    try {
      result = phase === 'ready' ? component.ready() : component.run(phase);
    } catch (error) {
      throw this.#failureOf(component, phase, error);
    }
    return isThenable(result) ? this.#untilEnded(component, phase, result) : this.#done(component, phase);
  }

  #listen(component: RunningComponent): boolean {
    for (const handler of component.planned.handlers) {
      try {
        component.listen(handler);
      } catch (error) {
        component.activity.enter('failed');
        this.#fail(new ComponentStartError(component.node, `${String(handler.declaration.member)}()`, error));
        return false;
      }
    }
    return true;
  }

  /** Starts the deliveries of a component, unless the start was aborted. */
  #consume(component: RunningComponent): void {
    if (this.#ending) return;
    for (const handler of component.deliveries) {
      try {
        handler.consume();
      } catch (error) {
        component.activity.enter('failed');
        throw new ComponentStartError(component.node, `consume() for ${handler.label}`, error);
      }
    }
  }

  #done(component: RunningComponent, phase: Step | 'ready'): void {
    if (phase === 'ready') {
      this.#consume(component);
      component.activity.enter('ready');
      this.#ready.push(component);
    } else if (phase.index === component.planned.lastStep) {
      const unpublished = component.unpublished();
      if (unpublished) throw this.#failureOf(component, phase, new UnpublishedResourceError(unpublished));
      component.activity.enter('started');
    }
  }

  /** Wraps the error of a component's phase in an error that names the phase. */
  #failureOf(component: RunningComponent, phase: Step | 'ready', error: unknown): unknown {
    if (this.#isAbortReaction(error)) return error;
    if (!this.#over) component.activity.enter('failed');
    return new ComponentStartError(component.node, phase === 'ready' ? 'ready()' : phaseOf(phase), error);
  }

  /** Waits for a component's phase. */
  #untilEnded(component: RunningComponent, phase: Step | 'ready', result: PromiseLike<unknown>): PromiseLike<void> {
    const limit = this.#limitFor(component, phase);
    return result.then(
      () => {
        clearTimeout(limit);
        if (!this.#over) this.#done(component, phase);
      },
      (error: unknown) => {
        clearTimeout(limit);
        throw this.#failureOf(component, phase, error);
      },
    );
  }

  /** Starts the timer that aborts the start if a phase exceeds the component's own limit. */
  #limitFor(component: RunningComponent, phase: Step | 'ready'): NodeJS.Timeout | undefined {
    const { startTimeout } = component.timeouts;
    if (startTimeout === undefined) return undefined;
    const passed = (): void => {
      if (this.#over) return;
      const { node, activity } = component;
      const cause = new ComponentTimeoutError(startTimeout, this.#keysOf(node), activity.progress);
      this.#fail(this.#failureOf(component, phase, cause));
    };
    return startTimer(startTimeout, passed)?.unref();
  }

  readonly #failed = (error: unknown): 'stop' => {
    this.#fail(error);
    return 'stop';
  };

  /** Aborts the start. Running components receive the abort signal and a grace period. */
  #fail(error: unknown): void {
    if (this.#isAbortReaction(error)) return;
    if (this.#over) {
      this.#runtime.report(error);
      return;
    }
    this.#failures.push(error);
    if (this.#ending) return;
    this.#settling = setTimeout(this.#abandon, settleMs).unref();
    this.#runtime.lookups.abandon(error);
    this.#ending = { reason: error };
    for (const component of this.#request.components) component.abort(error);
  }

  /** Returns whether an error is only a component's reaction to its abort signal, not a failure of its own. */
  #isAbortReaction(error: unknown): boolean {
    return this.#ending !== undefined && isAbortReaction(error, this.#ending.reason);
  }

  /** Logs a deadlock that other work of the process, such as a socket, hides until the start limit. */
  #checkProgress(): void {
    const keys = this.#ending ? '' : this.#runtime.lookups.idleKeys();
    const { checks } = this.#idle?.keys === keys ? this.#idle : { checks: 0 };
    this.#idle = { keys, checks: checks + 1 };
    if (keys === '' || checks < 2) return;
    clearInterval(this.#checks);
    this.#runtime.logger.warn(
      `Every unstarted component has been waiting for a resource for 2 s\n${waitingTree(this.waiting())}`,
    );
  }

  /**
   * Called when the event loop is empty and the process is about to exit. Only then is it certain that no timer, task or
   * connection publishes the resources that components wait for.
   */
  #stalled(): void {
    if (this.#ending) {
      this.#abandon();
      return;
    }
    const waiting = this.waiting();
    const { lookups, context } = this.#runtime;
    const { runningFactories } = context.resources;
    this.#fail(
      lookups.areAllWaiting
        ? new StartDeadlockError(waiting)
        : new StartStalledError(waiting, this.#request.subject, runningFactories),
    );
    // Allows components one more turn to react to the signal. If they do not, Node calls this function again.
    setImmediate(() => undefined);
  }

  #exceeded(limitMs: number): void {
    if (this.#ending) return;
    const { runningFactories } = this.#runtime.context.resources;
    this.#fail(new StartTimeoutError(limitMs, this.waiting(), this.#request.subject, runningFactories));
  }
}
