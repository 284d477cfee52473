/**
 * An application: a plan that runs.
 *
 * Starting is two passes over the same graph: the steps, then `ready` with the tasks. Stopping is the way back:
 * `ready` is undone everywhere, handlers finish what they hold, then the steps are undone. What a step does is the
 * business of `RunningComponent`; here are order, failure and time.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Context } from '../context/context.ts';
import type { ServiceIdentifier } from '../context/key.ts';
import { componentText } from '../graph/component-node.ts';
import type { Plan, Step } from '../graph/plan.ts';
import { PlanError } from '../graph/problems.ts';
import { Signal } from '../signal/signal.ts';
import {
  ComponentStartError,
  StartCancelledError,
  StartDeadlockError,
  StartError,
  StartStalledError,
  StartTimeoutError,
  StopError,
  StopTimeoutError,
  type StartPhase,
  type Waiting,
} from './errors.ts';
import type { ApplicationState, LifecycleEvent } from './lifecycle.ts';
import { silentLogger, type Logger } from './logger.ts';
import { ResourceWaiters } from './resource-waiters.ts';
import { RunningComponent } from './running-component.ts';
import { backwards, forwards, runInOrder } from './schedule.ts';

export interface ApplicationOptions {
  /** Milliseconds for the whole start; 0 is no limit. @default 20000 */
  readonly startTimeout?: number | undefined;
  /** Milliseconds for the whole stop; 0 is no limit. @default 10000 */
  readonly stopTimeout?: number | undefined;
  readonly logger?: Logger | undefined;
  /** Hears of handlers and subscribers that fail while the application goes on. By default they are logged. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

export class Application {
  readonly plan: Plan;
  /** Holds what the components publish. */
  readonly context: Context;
  /** Tells of every change of state while the application starts and stops. */
  readonly lifecycle = new Signal<LifecycleEvent>();
  /** Settles when the application has stopped; rejects with the error that ended it. */
  readonly finished: Promise<void>;

  readonly #options: ApplicationOptions;
  readonly #components: readonly RunningComponent[];
  readonly #needs: ReadonlyArray<readonly number[]>;
  /** The steps that were begun, in that order; stopping takes back these. */
  readonly #begun: number[] = [];
  readonly #abort = new AbortController();
  readonly #waiters: ResourceWaiters;
  /** What the start waits for. */
  readonly #underWay = new Set<Promise<unknown>>();
  /** What is being stopped right now, to be named when it hangs. */
  readonly #stoppingNow = new Set<string>();
  #state: ApplicationState = 'initialized';
  #stopped: Promise<void> | undefined;
  #finish!: { resolve: () => void; reject: (error: unknown) => void };

  /** @throws {@link PlanError} when the plan has problems. */
  constructor(plan: Plan, options: ApplicationOptions = {}) {
    if (plan.problems.length > 0) throw new PlanError(plan.problems);
    this.plan = plan;
    this.#options = options;
    this.context = new Context(plan.root.type.name);
    this.#waiters = new ResourceWaiters(this.context);
    this.#needs = plan.steps.map(({ needs }) => needs);
    const logger = options.logger ?? silentLogger;
    const report = options.onError ?? ((error: unknown): void => logger.error(String((error as Error).message), { err: error }));
    const host = {
      context: this.context,
      logger,
      abort: this.#abort.signal,
      waitFor: (component: RunningComponent, id: ServiceIdentifier<unknown>, name: string) => this.#waitFor(component, id, name),
      stateChanged: ({ node, state, since }: RunningComponent) =>
        this.lifecycle.dispatch({ type: 'component', component: node, state, at: since }),
      report,
      crashed: (error: unknown) => void this.stop(error).catch(report),
    };
    this.#components = plan.components.map((planned) => new RunningComponent(host, planned));
    this.finished = new Promise((resolve, reject) => {
      this.#finish = { resolve, reject };
    });
    // Whoever only starts and stops the application need not ask how it ended.
    this.finished.catch(() => undefined);
  }

  get state(): ApplicationState {
    return this.#state;
  }

  /**
   * Starts every component as early as its needs allow; resolves when all are ready.
   *
   * @throws {@link ComponentStartError}, or {@link StartError} for several; what was started is torn down by then.
   */
  async start(): Promise<void> {
    this.#changeState('starting');
    const failures: unknown[] = [];
    const fail = (error: unknown): 'stop' => {
      // What the others throw because they are told to give up is no failure of theirs.
      const told = this.#abort.signal.aborted && (error === this.#abort.signal.reason || isAbortError(error));
      if (!told) failures.push(error);
      this.#abort.abort(error);
      this.#waiters.abandon(error);
      return 'stop';
    };
    const release = this.#guardStart(fail);
    await Promise.race([this.#startSteps(fail), this.#givenUp]);
    if (failures.length === 0) await Promise.race([this.#makeReady(fail), this.#givenUp]);
    release();
    if (failures.length > 0) {
      const failure = failures.length === 1 ? failures[0] : new StartError(failures);
      await this.stop(failure).catch((error: unknown) => failures.push(error));
      throw failures.length === 1 ? failure : new StartError(failures);
    }
    this.#changeState('started');
  }

  /**
   * Stops everything: work ends first, then components are torn down in reverse. Calling it again waits for the same
   * stop.
   *
   * @param error - what ended the application; every teardown is told
   * @throws {@link StopError} when teardowns failed; the others ran nevertheless
   */
  stop(error?: unknown): Promise<void> {
    if (this.#giveUp) {
      this.#giveUp(error ?? new StartCancelledError());
      return this.finished.catch(() => undefined);
    }
    return (this.#stopped ??= this.#stop(error));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** What the components that have not started are doing. */
  waiting(): Waiting[] {
    const now = performance.now();
    return this.#components
      .filter(({ active }) => active > 0)
      .map(({ node, state, since }) => ({ node, state, since: now - since, keys: this.#waiters.keysOf(node) }));
  }

  #startSteps(fail: (error: unknown) => 'stop'): Promise<void> {
    const { steps } = this.plan;
    const run = (index: number): unknown => {
      const step = steps[index]!;
      const component = this.#components[step.node.index]!;
      this.#begun.push(index);
      return this.#during(
        component,
        phaseOf(step),
        () => component.run(step),
  () => {
          // A step that ends when the start was given up long ago is taken back at once.
          if (this.#state !== 'starting') return component.undo(step, this.#abort.signal.reason);
          if (index === component.planned.lastStep) component.state = 'started';
          return undefined;
        },
      );
    };
    return runInOrder(forwards(this.#needs, [...steps.keys()]), run, fail);
  }

  /** The second pass: handlers begin to listen everywhere, then work is let in, along the same arrows. */
  async #makeReady(fail: (error: unknown) => 'stop'): Promise<void> {
    this.#waiters.close();
    for (const component of this.#components) {
      try {
        component.listen();
      } catch (error) {
        fail(new ComponentStartError(component.node, 'ready()', error));
        return;
      }
    }
    const ready = (index: number): unknown => {
      const component = this.#components[this.plan.steps[index]!.node.index]!;
      if (component.planned.lastStep !== index) return undefined;
      return this.#during(component, 'ready()', () => component.ready(), () => {
        component.state = 'ready';
      });
    };
    await runInOrder(forwards(this.#needs, [...this.#needs.keys()]), ready, fail);
  }

  /** Runs a part of a component's start, says where it failed, and counts it as under way meanwhile. */
  #during(component: RunningComponent, phase: StartPhase, part: () => unknown, done: () => unknown): unknown {
    const failed = (error: unknown): never => {
      component.state = 'failed';
      const known = error === this.#abort.signal.reason || isAbortError(error);
      throw known ? error : new ComponentStartError(component.node, phase, error);
    };
    let result: unknown;
    try {
      result = part();
    } catch (error) {
      return failed(error);
    }
    if (!(result instanceof Promise)) {
      done();
      return undefined;
    }
    component.active++;
    this.#underWay.add(result);
    return result
      .finally(() => {
        component.active--;
        this.#underWay.delete(result);
        this.#lookForDeadlock();
      })
      .then(done, failed);
  }

  #waitFor(component: RunningComponent, id: ServiceIdentifier<unknown>, name: string): Promise<void> | undefined {
    const published = this.#waiters.wait(component.node, id, name);
    if (!published) return undefined;
    this.lifecycle.dispatch({ type: 'waiting', component: component.node, key: { id, name }, at: performance.now() });
    this.#lookForDeadlock();
    return published;
  }

  /** When every step under way waits for a resource, nobody is left to publish one. */
  #lookForDeadlock(): void {
    if (this.#waiters.size === 0) return;
    // What was woken in this turn has to get going first.
    setImmediate(() => {
      const waiting = this.waiting();
      const stuck = this.#waiters.size > 0 && this.#components.every(({ node, active }) => this.#waiters.keysOf(node).length >= active);
      if (stuck) this.#giveUp?.(new StartDeadlockError(waiting));
    });
  }

  /** Ends the start with an error, once those under way had a moment to heed their signal; there while it goes on. */
  #giveUp: ((error: unknown) => void) | undefined;
  #givenUp: Promise<void> | undefined;

  /** Gives the start up when its time is over or when the process has nothing left that could finish it. */
  #guardStart(fail: (error: unknown) => void): () => void {
    const { startTimeout = 20_000 } = this.#options;
    this.#givenUp = new Promise((resolve) => {
      this.#giveUp = (error) => {
        this.#giveUp = undefined;
        fail(error);
        void Promise.race([Promise.allSettled(this.#underWay), delay(settleMs)]).then(() => resolve());
      };
    });
    const timer =
      startTimeout > 0 ? setTimeout(() => this.#giveUp?.(new StartTimeoutError(startTimeout, this.waiting())), startTimeout).unref() : undefined;
    const stalled = (): void => this.#giveUp?.(new StartStalledError(this.waiting()));
    process.once('beforeExit', stalled);
    return () => {
      clearTimeout(timer);
      process.off('beforeExit', stalled);
      this.#giveUp = undefined;
    };
  }

  async #stop(endedBy: unknown): Promise<void> {
    this.#changeState('stopping');
    this.#abort.abort(endedBy ?? new DOMException('The application stops', 'AbortError'));
    const errors: Array<{ component: string; error: unknown }> = [];
    const { stopTimeout = 10_000 } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      if (stopTimeout <= 0) return;
      timer = setTimeout(() => {
        errors.push({ component: 'the application', error: new StopTimeoutError(stopTimeout, [...this.#stoppingNow]) });
        resolve();
      }, stopTimeout);
    });
    await Promise.race([this.#takeBack(endedBy, errors), limit]);
    clearTimeout(timer);
    this.#changeState('stopped');
    const failure = errors.length > 0 ? new StopError(errors, endedBy) : undefined;
    if (endedBy !== undefined || failure) this.#finish.reject(endedBy ?? failure);
    else this.#finish.resolve();
    if (failure) throw failure;
  }

  async #takeBack(endedBy: unknown, errors: Array<{ component: string; error: unknown }>): Promise<void> {
    const { steps } = this.plan;
    const componentOf = (index: number): RunningComponent => this.#components[steps[index]!.node.index]!;
    const failed = (error: unknown, index: number): 'continue' => {
      errors.push({ component: componentText(steps[index]!.node), error });
      return 'continue';
    };
    // A component is on its way out from here on, though its steps are undone later.
    const back = backwards(this.#needs, this.#begun);
    await runInOrder(
      back,
      (index) => {
        const component = componentOf(index);
        if (component.planned.lastStep !== index) return undefined;
        if (component.state !== 'failed') component.state = 'stopping';
        return this.#naming(component, 'ready()', component.unready(endedBy));
      },
      failed,
    );
    // Producers first: what their handlers still dispatch reaches the handlers of those that depend on them.
    for (const index of this.#begun) {
      const component = componentOf(index);
      if (component.planned.lastStep === index) await this.#naming(component, 'handlers', component.drain());
    }
    await runInOrder(
      back,
      (index) => {
        const step = steps[index]!;
        const component = componentOf(index);
        const undone = this.#naming(component, phaseOf(step), component.undo(step, endedBy));
        const settled = (): void => {
          if (step.kind === 'construct' && component.state !== 'failed') component.state = 'stopped';
        };
        return undone instanceof Promise ? undone.finally(settled) : settled();
      },
      failed,
    );
    try {
      await this.context.close(endedBy);
    } catch (error) {
      errors.push({ component: 'the application', error });
    }
  }

  /** Keeps the name of what is being stopped for as long as that takes. */
  #naming(component: RunningComponent, phase: string, result: unknown): unknown {
    if (!(result instanceof Promise)) return result;
    const label = `${componentText(component.node)}, ${phase}`;
    this.#stoppingNow.add(label);
    return result.finally(() => this.#stoppingNow.delete(label));
  }

  #changeState(state: ApplicationState): void {
    this.#state = state;
    this.lifecycle.dispatch({ type: 'application', state, at: performance.now() });
  }
}

function phaseOf({ kind, provider }: Step): StartPhase {
  if (provider) return `${String(provider.declaration.member)}()`;
  return kind === 'construct' ? 'constructor' : `${kind}()`;
}

/** How long components may take to heed the signal of a start that is given up, in milliseconds. */
const settleMs = 1000;

function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
