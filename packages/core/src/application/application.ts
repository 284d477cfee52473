/**
 * Owns the life cycle of a running plan: its state, its start and its end, and the events that report them. It must
 * not order or run components itself; `RunningGraph` does.
 */
import { silentLogger, type Logger } from '../component/logger.ts';
import type { Context } from '../context/context.ts';
import { defaultName } from '../context/key.ts';
import type { ComponentNode } from '../graph/component-node.ts';
import type { Plan } from '../graph/plan.ts';
import { PlanError } from '../graph/errors.ts';
import { Signal } from '../signal/signal.ts';
import { ApplicationContext } from './component-context.ts';
import { ComponentOperations } from './component-operations.ts';
import { ApplicationStateError } from './errors.ts';
import { exitCodeOf } from './exit-code.ts';
import { LifecycleEvents, type ApplicationState, type LifecycleEvent } from './lifecycle.ts';
import { Lookups } from './lookups.ts';
import { RunningGraph } from './running-graph.ts';
import { signalOwner, type Runtime } from './runtime.ts';
import { StartError, StopError, theApplication, type Waiting } from './start-stop-errors.ts';

export interface ApplicationOptions {
  /** Limit in milliseconds for starting the application or a part of it; 0 means no limit. @default 20000 */
  readonly startTimeout?: number | undefined;
  /** Limit in milliseconds for stopping the application or a part of it; 0 means no limit. @default 10000 */
  readonly stopTimeout?: number | undefined;
  readonly logger?: Logger | undefined;
  /** Called with errors of handlers and subscribers that do not end the application. By default they are logged. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

export class Application {
  readonly plan: Plan;
  /** The context in which components publish their resources. */
  readonly context: Context;
  /** Emits every state change of the application and its components; completes when the application has stopped. */
  readonly lifecycle: Signal<LifecycleEvent>;
  /** Resolves when the application has stopped; rejects with the error that ended it or with its {@link StopError}. */
  readonly finished: Promise<void>;

  readonly #options: ApplicationOptions;
  readonly #logger: Logger;
  readonly #events = new LifecycleEvents();
  readonly #graph: RunningGraph;
  readonly #operations: ComponentOperations;
  #state: ApplicationState = 'initialized';
  #stopped: Promise<void> | undefined;
  #exitCode: number;
  /** Stops the application after its start, if a tool finished before that. */
  #afterStart: (() => void) | undefined;
  #finish!: { resolve: () => void; reject: (error: unknown) => void };

  /** @throws {@link PlanError} when the plan has problems. */
  constructor(plan: Plan, options: ApplicationOptions = {}) {
    if (plan.problems.length > 0) throw new PlanError(plan.problems);
    this.plan = plan;
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    // A tool that ends before its work is complete has failed.
    this.#exitCode = plan.components.some(({ tasks }) => tasks.some(({ endsApplication }) => endsApplication)) ? 1 : 0;
    const runtime = this.#makeRuntime();
    this.context = runtime.context;
    // Components can inject the application to stop it or to subscribe to its life cycle.
    this.context.resources.publish(Application, this, defaultName);
    this.lifecycle = this.#events.signal;
    Signal.adopt({ lifecycle: this.lifecycle }, signalOwner('application', runtime));
    this.#graph = new RunningGraph(runtime);
    this.#operations = new ComponentOperations(this, runtime, this.#graph);
    this.finished = new Promise((resolve, reject) => {
      this.#finish = { resolve, reject };
    });
    // A caller that never reads `finished` must not cause an unhandled rejection.
    this.finished.catch(() => undefined);
  }

  #makeRuntime(): Runtime {
    const { plan } = this;
    const events = this.#events;
    const errors: Pick<Runtime, 'report' | 'crashed'> = {
      report: (error) => this.#report(error),
      crashed: (error, component) => this.#crashed(error, component),
    };
    const context = new ApplicationContext(plan.root.type.name, { ...errors, plan });
    const lookups = new Lookups(plan, context, events);
    const completed = (result: unknown): void => this.#completed(result);
    const { startTimeout = 20_000, stopTimeout = 10_000 } = this.#options;
    const limits = { startTimeout, stopTimeout };
    return { ...errors, plan, context, logger: this.#logger, limits, events, lookups, completed };
  }

  get state(): ApplicationState {
    return this.#state;
  }

  /**
   * The exit code for a process that runs only this application: 0 after a normal end, 1 after a failure, or the code
   * passed to {@link stop} or returned by the `run` of a {@link CliComponent}. Final once the application has stopped.
   */
  get exitCode(): number {
    return this.#exitCode;
  }

  /**
   * Starts every component as soon as its needs are available; resolves when all are ready.
   *
   * @throws {@link ComponentStartError}, or {@link StartError} for several failures, after everything that had started
   *   was torn down
   * @throws {@link ApplicationStateError} when the application was started or stopped before
   */
  async start(): Promise<void> {
    if (this.#state !== 'initialized') throw new ApplicationStateError(this.#state);
    this.#changeState('starting');
    const failures = await this.#graph.start(this.#graph.whole, theApplication);
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
   * Stops the application: work ends first, then components are torn down in reverse order. Further calls wait for the
   * same stop. A call during the start aborts the start.
   *
   * @param reason - the exit code of a normal end (default: 0), or the error that ended the application; every teardown
   *   receives that error
   * @throws {@link StopError} when teardowns failed; the other teardowns still ran
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
   * Stops a component, its descendants and everything that depends on them, then starts them again. The rest of the
   * application keeps running with the same resources. A failing teardown is reported to the application's `onError`
   * and does not prevent the start.
   *
   * @param path - the aliases from the root to the component, joined by dots; `''` is the root
   * @throws the errors of {@link startComponent}
   */
  restart(path: string): Promise<void> {
    return this.#operations.restart(path);
  }

  /**
   * Stops a component, its descendants and everything that depends on them, and keeps them stopped. The rest of the
   * application keeps running.
   *
   * @param path - the aliases from the root to the component, joined by dots
   * @throws {@link StopError} when teardowns failed; the other teardowns still ran
   * @throws {@link UnknownComponentError} when no such component exists
   * @throws {@link ApplicationStateError} when the application has not started or is stopping
   */
  stopComponent(path: string): Promise<void> {
    return this.#operations.stop(path);
  }

  /**
   * Starts a component after {@link stopComponent}, together with the components that were stopped with it. Components
   * that also depend on another stopped component stay stopped.
   *
   * @param path - the aliases from the root to the component, joined by dots
   * @throws {@link ComponentStartError}, or {@link StartError} for several failures, after the component and its
   *   dependents were stopped; the application keeps running without them
   * @throws {@link ComponentStoppedError} when the component depends on another stopped component
   * @throws {@link UnknownComponentError} when no such component exists
   * @throws {@link ApplicationStateError} when the application has not started or is stopping
   */
  startComponent(path: string): Promise<void> {
    return this.#operations.start(path);
  }

  /** Returns the components whose start is in progress, with the keys that they wait for. */
  waiting(): Waiting[] {
    return this.#graph.waiting();
  }

  async #stop(endedBy: unknown): Promise<void> {
    this.#changeState('stopping');
    this.#graph.cancelStart(endedBy);
    // Await only a pending operation: an error during an extra turn would not belong to any stop.
    if (this.#operations.pending) await this.#operations.pending;
    const failures = await this.#graph.stop(this.#graph.whole, {
      subject: theApplication,
      endedBy,
      endsApplication: true,
    });
    this.#changeState('stopped');
    Signal.complete(this.lifecycle);
    const failure = failures.length > 0 ? new StopError(failures, endedBy) : undefined;
    if (endedBy !== undefined || failure) this.#exitCode = 1;
    if (endedBy !== undefined || failure) this.#finish.reject(endedBy ?? failure);
    else this.#finish.resolve();
    if (failure) throw failure;
  }

  /** Reports an error that does not end the application. If `onError` throws, that error does end it. */
  #report(error: unknown): void {
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
  }

  /** Called when a tool has finished. Its result sets the exit code even if the application is already stopping. */
  #completed(result: unknown): void {
    this.#exitCode = exitCodeOf(result, this.#logger);
    const end = (): void => this.#endLater(undefined);
    if (this.#state === 'starting') this.#afterStart = end;
    // Let `start()` resolve before the application stops.
    else setImmediate(end);
  }

  /** Ends the application with an error. An error of a component that is already stopping belongs to that stop. */
  #crashed(error: unknown, component?: ComponentNode): void {
    if (this.#graph.failed(component, error)) return;
    // A stop that waits for a pending operation already has its reason.
    if (this.#stopped) this.#report(error);
    else this.#endLater(error);
  }

  /** Ends the application without a caller that could receive the failures of the stop. */
  #endLater(error: unknown): void {
    this.#end(error).catch((failure: unknown) => this.#report(failure));
  }

  #changeState(state: ApplicationState): void {
    this.#state = state;
    this.#events.applicationChanged(state);
  }
}
