/**
 * An application: a plan that runs. Here is its life: which state it is in, what begins and ends it and its parts, and
 * who hears of what. How components get from one state to the next is the business of the `RunningGraph`.
 */
import type { Context } from '../context/context.ts';
import { defaultName } from '../context/key.ts';
import type { ComponentNode } from '../graph/component-node.ts';
import type { Plan } from '../graph/plan.ts';
import { PlanError } from '../graph/problems.ts';
import { Signal, type SignalOwner } from '../signal/signal.ts';
import { ApplicationContext } from './component-context.ts';
import { theApplication } from './error-words.ts';
import { ApplicationStateError, SubscriberError } from './errors.ts';
import { StartError, type Waiting } from './start-errors.ts';
import { StopError } from './stop-errors.ts';
import type { ApplicationState, LifecycleEvent } from './lifecycle.ts';
import { exitCodeOf } from './exit-code.ts';
import { silentLogger, type Logger } from '../component/logger.ts';
import { PartOperations, type TimeLimits } from './part-operations.ts';
import { RunningGraph } from './running-graph.ts';

export interface ApplicationOptions {
  /** Milliseconds for the whole start, or that of a part; 0 is no limit. @default 20000 */
  readonly startTimeout?: number | undefined;
  /** Milliseconds for the whole stop, or that of a part; 0 is no limit. @default 10000 */
  readonly stopTimeout?: number | undefined;
  readonly logger?: Logger | undefined;
  /** Hears of handlers and subscribers that fail while the application goes on. By default they are logged. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

export class Application {
  readonly plan: Plan;
  /** Holds what the components publish. */
  readonly context: Context;
  /** Tells of every change of state while components start and stop; completes when the application has stopped. */
  readonly lifecycle = new Signal<LifecycleEvent>();
  /** Settles when the application has stopped; rejects with the error that ended it. */
  readonly finished: Promise<void>;

  readonly #options: ApplicationOptions;
  readonly #limits: TimeLimits;
  readonly #logger: Logger;
  readonly #graph: RunningGraph;
  readonly #parts: PartOperations;
  #state: ApplicationState = 'initialized';
  #stopped: Promise<void> | undefined;
  #exitCode: number;
  /** Ends a tool that was done before the whole application had started. */
  #afterStart: (() => void) | undefined;
  #finish!: { resolve: () => void; reject: (error: unknown) => void };

  /** @throws {@link PlanError} when the plan has problems. */
  constructor(plan: Plan, options: ApplicationOptions = {}) {
    if (plan.problems.length > 0) throw new PlanError(plan.problems);
    this.plan = plan;
    this.#options = options;
    const { startTimeout = 20_000, stopTimeout = 10_000 } = options;
    this.#limits = { startTimeout, stopTimeout };
    this.#logger = options.logger ?? silentLogger;
    // A tool that does not get to the end of its work has not done it.
    this.#exitCode = plan.components.some(({ tasks }) => tasks.some(({ endsApplication }) => endsApplication)) ? 1 : 0;
    this.context = new ApplicationContext(plan.root.type.name, (error) => this.#crashed(error), this.#report);
    // A component that needs it can end the application, and hear of its life.
    this.context.publish(Application, this, defaultName);
    this.#graph = new RunningGraph({
      plan,
      context: this.context,
      logger: this.#logger,
      // These two come so often that the functions that make events would be felt.
      stateChanged: ({ node, state, since }) => {
        if (this.lifecycle.observed) this.#tell(() => ({ type: 'component', component: node, state, at: since }));
      },
      stepChanged: ({ node }, step, state) => {
        if (this.lifecycle.observed) this.#tell((at) => ({ type: 'step', component: node, step, state, at }));
      },
      waits: ({ node, stepAtWork: step }, key) =>
        this.#tell((at) => ({ type: 'waiting', component: node, key, step, at })),
      published: ({ node, stepAtWork: step }, keys) =>
        this.#tell((at) => ({ type: 'published', component: node, keys, step, at })),
      found: ({ node, stepAtWork: step }, key, publisher) =>
        this.#tell((at) => ({ type: 'found', component: node, key, step, publisher, at })),
      adopt: (value, name) => Signal.adopt(value, this.#signalOwner(name)),
      report: this.#report,
      completed: (result) => this.#completed(result),
      crashed: (error, component) => this.#crashed(error, component),
    });
    this.#parts = new PartOperations(this.#graph, plan, this.#limits, () => this.#state, this.#report);
    Signal.adopt({ lifecycle: this.lifecycle }, this.#signalOwner('application'));
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
   * What a process that runs nothing else should end with: 0 after a normal end, 1 after a failure, or what
   * {@link stop} or the `run` of a {@link CliComponent} said. Final when the application has stopped.
   */
  get exitCode(): number {
    return this.#exitCode;
  }

  /**
   * Starts every component as early as its needs allow; resolves when all are ready.
   *
   * @throws {@link ComponentStartError}, or {@link StartError} for several; what was started is torn down by then.
   * @throws {@link ApplicationStateError} when the application was started or stopped before.
   */
  async start(): Promise<void> {
    if (this.#state !== 'initialized') throw new ApplicationStateError(this.#state);
    this.#changeState('starting');
    const failures = await this.#graph.start(this.#graph.whole, theApplication, this.#limits.startTimeout);
    if (failures.length === 0) {
      this.#changeState('started');
      if (this.#afterStart) setImmediate(this.#afterStart);
      return;
    }
    const failure = failures.length === 1 ? failures[0] : new StartError(failures);
    try {
      await this.#end(failure);
    } catch (error) {
      throw new StartError([...failures, error]);
    }
    throw failure;
  }

  /**
   * Stops everything: work ends first, then components are torn down in reverse. Calling it again waits for the same
   * stop; calling it while the application starts gives the start up.
   *
   * @param reason - the exit code of a normal end, 0 if not said; or the error that ended the application, of which
   *   every teardown is told
   * @throws {@link StopError} when teardowns failed; the others ran nevertheless
   */
  stop(reason?: unknown): Promise<void> {
    if (typeof reason !== 'number') return this.#end(reason);
    if (this.#state === 'started') this.#exitCode = exitCodeOf(reason, this.#logger);
    return this.#end(undefined);
  }

  #end(error: unknown): Promise<void> {
    if (this.#state === 'starting' && this.#graph.isStarting) {
      this.#graph.cancelStart(error);
      return this.finished.catch(() => undefined);
    }
    return (this.#stopped ??= this.#stop(error));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /**
   * Stops a component with everything below it and everything that depends on one of these, and starts them anew.
   * Whatever else there is goes on running, with the same resources. A teardown that fails is told to the application's
   * error handler and keeps nothing from starting.
   *
   * @param path - the aliases from the root to the component, joined by dots; `''` is the root
   * @throws what {@link startComponent} throws
   */
  restart(path: string): Promise<void> {
    return this.#parts.restart(path);
  }

  /**
   * Stops a component with everything below it and everything that depends on one of these, and keeps them so. The
   * rest of the application goes on running.
   *
   * @param path - the aliases from the root to the component, joined by dots
   * @throws {@link StopError} when teardowns failed; the others ran nevertheless
   * @throws {@link UnknownComponentError} when there is no such component
   * @throws {@link ApplicationStateError} when the application has not started, or stops
   */
  stopComponent(path: string): Promise<void> {
    return this.#parts.stop(path);
  }

  /**
   * Starts a component again that was stopped by itself, with all that went down with it and misses nothing else.
   *
   * @param path - the aliases from the root to the component, joined by dots
   * @throws {@link ComponentStartError}, or {@link StartError} for several; the component and its dependents are
   *   stopped by then, and the application goes on without them
   * @throws {@link ComponentStoppedError} when it needs another component that was stopped by itself
   * @throws {@link UnknownComponentError} when there is no such component
   * @throws {@link ApplicationStateError} when the application has not started, or stops
   */
  startComponent(path: string): Promise<void> {
    return this.#parts.start(path);
  }

  /** What the components that have not started are doing. */
  waiting(): Waiting[] {
    return this.#graph.waiting();
  }

  async #stop(endedBy: unknown): Promise<void> {
    this.#changeState('stopping');
    this.#graph.cancelStart(endedBy);
    // No turn is given away for nothing: what fails in it would belong to no stop.
    if (this.#parts.operation) await this.#parts.operation;
    const { whole } = this.#graph;
    const failures = await this.#graph.stop(whole, theApplication, endedBy, this.#limits.stopTimeout, this.context);
    this.#changeState('stopped');
    Signal.complete(this.lifecycle);
    const failure = failures.length > 0 ? new StopError(failures, endedBy) : undefined;
    if (endedBy !== undefined || failure) this.#exitCode = 1;
    if (endedBy !== undefined || failure) this.#finish.reject(endedBy ?? failure);
    else this.#finish.resolve();
    if (failure) throw failure;
  }

  #signalOwner(name: string): SignalOwner {
    return { name, onError: (failure) => this.#report(new SubscriberError(failure)) };
  }

  /** What fails while the application goes on; whoever should hear of it may fail as well, which is its end. */
  readonly #report = (error: unknown): void => {
    const { onError } = this.#options;
    if (!onError) {
      this.#logger.error(error instanceof Error ? error.message : String(error), { err: error });
      return;
    }
    try {
      onError(error);
    } catch (failure) {
      if (this.#state === 'stopped') this.#logger.error(String(failure), { err: failure });
      else this.#crashed(failure);
    }
  };

  /** A tool has done its work. What it says holds also where it was told to end before. */
  #completed(result: unknown): void {
    this.#exitCode = exitCodeOf(result, this.#logger);
    const end = (): void => void this.#end(undefined).catch(this.#report);
    if (this.#state === 'starting') this.#afterStart = end;
    // Whoever started the application hears of that before it stops.
    else setImmediate(end);
  }

  /** Something failed that ends the application, or failed while it, or the part that it belongs to, ends. */
  #crashed(error: unknown, component?: ComponentNode): void {
    if (this.#graph.failed(component, error)) return;
    // A stop that waits for the end of an operation has a reason already.
    if (this.#stopped) this.#report(error);
    else this.#end(error).catch(this.#report);
  }

  #changeState(state: ApplicationState): void {
    this.#state = state;
    this.#tell((at) => ({ type: 'application', state, at }));
  }

  /** Makes an event only where somebody hears it. */
  #tell(event: (at: number) => LifecycleEvent): void {
    if (this.lifecycle.observed) this.lifecycle.dispatch(event(performance.now()));
  }
}
