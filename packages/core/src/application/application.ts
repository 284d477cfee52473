/**
 * Owns the life cycle of a running plan: its state, its start and its end, and the events that report them. It must
 * not order or run components itself; `RunningGraph` does.
 */
import { silentLogger, type Logger } from '../component/logger.ts';
import type { LogLevel } from '../config/logging-setting.ts';
import type { Context } from '../context/context.ts';
import { defaultName } from '../context/key.ts';
import type { ComponentNode } from '../graph/component-node.ts';
import type { Plan } from '../graph/plan.ts';
import { PlanError } from '../graph/errors.ts';
import { Signal } from '../signal/signal.ts';
import { ApplicationContext } from './component-context.ts';
import { ComponentOperations } from './component-operations.ts';
import { ApplicationStateError } from './errors.ts';
import { ExitCode } from './exit-code.ts';
import { FailureReports } from './failure-reports.ts';
import { Health, type HealthReport } from './health.ts';
import { LifecycleEvents, type ApplicationState, type LifecycleEvent } from './lifecycle.ts';
import { Lookups } from './lookups.ts';
import { RunningGraph } from './running-graph.ts';
import { limitsOf, signalOwner, type ApplicationOptions, type Runtime, type TimeLimits } from './runtime.ts';
import { StartError, StopError, theApplication, UnhandledFailuresError } from './start-stop-errors.ts';
import type { StopFailure, Waiting } from './start-stop-errors.ts';

export class Application {
  readonly plan: Plan;
  /** The context in which components publish their resources. */
  readonly context: Context;
  /** The time limits for starting and stopping the application or a part of it. */
  readonly limits: TimeLimits;
  /** Emits every state change of the application and its components; completes when the application has stopped. */
  readonly lifecycle: Signal<LifecycleEvent>;
  readonly #finished: Promise<void>;
  /** Whether a caller may wait for {@link finished}, and thereby receives the error that ended the application. */
  #isObserved = false;
  readonly #reports: FailureReports;
  readonly #logger: Logger;
  readonly #events = new LifecycleEvents();
  readonly #graph: RunningGraph;
  readonly #operations: ComponentOperations;
  readonly #health: Health;
  #state: ApplicationState = 'initialized';
  #stopped: Promise<void> | undefined;
  readonly #exitCode: ExitCode;
  #finish!: { resolve: () => void; reject: (error: unknown) => void };

  /**
   * @param onEnding - called with the error that ends the application, before anything is torn down; internal
   * @throws {@link PlanError} when the plan has problems.
   */
  constructor(plan: Plan, options: ApplicationOptions = {}, onEnding?: (error: unknown) => void) {
    if (plan.problems.length > 0) throw new PlanError(plan.problems);
    this.plan = plan;
    this.limits = limitsOf(options);
    this.#reports = new FailureReports({ ...options, onEnding }, (failure) => {
      if (this.#state === 'stopped') this.#reports.log(failure);
      else this.#crashed(failure);
    });
    this.#logger = options.logger ?? silentLogger;
    this.#exitCode = new ExitCode(plan, this.#logger);
    const runtime = this.#makeRuntime();
    this.context = runtime.context;
    // Components can inject the application to stop it or to subscribe to its life cycle.
    this.context.resources.publish(Application, this, defaultName);
    this.lifecycle = this.#events.signal;
    Signal.adopt({ lifecycle: this.lifecycle }, signalOwner('application', runtime));
    this.#graph = new RunningGraph(runtime);
    this.#operations = new ComponentOperations(this, runtime, this.#graph);
    this.#health = new Health(this, runtime, this.#graph);
    this.#finished = new Promise((resolve, reject) => {
      this.#finish = { resolve, reject };
    });
    // A caller that never reads `finished` must not cause an unhandled rejection.
    this.#finished.catch(() => undefined);
  }

  #makeRuntime(): Runtime {
    const { plan } = this;
    const events = this.#events;
    const errors: Pick<Runtime, 'canReport' | 'report' | 'crashed'> = {
      canReport: this.#reports.hasReceiver,
      report: (error) => this.#reports.report(error),
      crashed: (error, component) => this.#crashed(error, component),
    };
    const context = new ApplicationContext(plan.root.type.name, { ...errors, plan, logger: this.#logger });
    const lookups = new Lookups(plan, context, events);
    const completed: Runtime['completed'] = (result, wasAborted) => this.#completed(result, wasAborted);
    return { ...errors, plan, context, logger: this.#logger, limits: this.limits, events, lookups, completed };
  }

  get state(): ApplicationState {
    return this.#state;
  }

  /**
   * Resolves when the application has stopped; rejects with the error that ended it or with its {@link StopError}. If it
   * is never read, {@link stop} rejects with the error of a crash, and the error is reported.
   */
  get finished(): Promise<void> {
    this.#isObserved = true;
    return this.#finished;
  }

  /**
   * The exit code for a process that runs only this application: 1 after a failure; otherwise the code passed to the
   * {@link stop} that ended it, or returned by the first {@link CliComponent} whose `run` has ended; otherwise 1 if it has
   * tools, and 0 if not. Final once the application has stopped.
   */
  get exitCode(): number {
    return this.#exitCode.value;
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
    let failure: unknown;
    let stopped: Promise<void> | undefined;
    // Changes the state in the turn in which the start ends, so that no other end of the application comes between.
    const failures = await this.#graph.start(this.#graph.whole, theApplication, (ended) => {
      if (ended.length === 0) {
        this.#changeState('started');
      } else {
        failure = ended.length === 1 ? ended[0] : new StartError(ended);
        stopped = this.#end(failure);
      }
    });
    if (failures.length === 0) return;
    try {
      await stopped;
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
   * @throws {@link UnhandledFailuresError} when handlers or subscribers failed, and the application has neither `onError`
   *   nor a logger
   */
  stop(reason?: unknown): Promise<void> {
    if (typeof reason !== 'number') return this.#end(reason);
    if (this.#state === 'started') this.#exitCode.request(reason);
    return this.#end(undefined);
  }

  /** @param isCrash - whether no caller knows the error yet */
  #end(error: unknown, isCrash = false): Promise<void> {
    if (this.#state === 'starting' && this.#graph.isStarting) {
      this.#graph.cancelStart(error);
      return this.#finished.catch(() => undefined);
    }
    return (this.#stopped ??= this.#stop(error, isCrash));
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

  /**
   * Returns the health of the application: `'ready'`, whether it can do its work, or `'live'`, whether its process can
   * stay. A report is valid for a second, or until a state changes; calls in that time share it.
   *
   * `'ready'` calls the `@health` methods of the components. An application that is not started is down, and so is a
   * component that is not ready. `'live'` calls only the methods declared for it, and ignores states.
   */
  health({ for: purpose = 'ready' }: { readonly for?: 'ready' | 'live' } = {}): Promise<HealthReport> {
    return this.#health.report(purpose);
  }

  /**
   * Changes the lowest level that a component and its children log; `''` is the application. As in
   * `logging.levels`, `asphalt` also is the application and may precede the path of a component.
   *
   * @throws {@link LogLevelError} for an unknown level, or when the logger has no `setLevel`
   * @throws {@link UnknownComponentError} when no such component exists
   */
  setLogLevel(path: string, level: LogLevel): void {
    this.#operations.setLogLevel(path, level);
  }

  /** Returns the components whose start is in progress, with the keys that they wait for. */
  waiting(): Waiting[] {
    return this.#graph.waiting();
  }

  async #stop(endedBy: unknown, isCrash: boolean): Promise<void> {
    this.#changeState('stopping');
    if (endedBy !== undefined) this.#reports.announce(endedBy);
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
    const failure = this.#failureOf(failures, endedBy);
    if (endedBy !== undefined || failure) {
      this.#exitCode.fail();
      this.#finish.reject(endedBy ?? failure);
    } else {
      this.#finish.resolve();
    }
    if (failure) throw failure;
    if (isCrash && !this.#isObserved) throw endedBy;
  }

  /** Returns the error of the stop, which includes the failures that were only warned of. */
  #failureOf(failures: readonly StopFailure[], endedBy: unknown): Error | undefined {
    const { unhandled } = this.#reports;
    const error = unhandled.length > 0 ? new UnhandledFailuresError([...unhandled]) : undefined;
    if (failures.length === 0) return error;
    return new StopError(error ? [...failures, { component: theApplication, error }] : failures, endedBy);
  }

  /** Called when the `run` of a tool has ended. */
  #completed(result: unknown, wasAborted: boolean): void {
    // A tool that was stopped with its component runs again when the component starts.
    if (wasAborted && this.#state === 'started') return;
    this.#exitCode.complete(result, wasAborted);
    // Let `start()` resolve before the application stops.
    setImmediate(() => this.#endLater(undefined));
  }

  /** Ends the application with an error. An error of a component that is already stopping belongs to that stop. */
  #crashed(error: unknown, component?: ComponentNode): void {
    if (this.#graph.failed(component, error)) return;
    // A stop that waits for a pending operation already has its reason.
    if (this.#stopped) this.#reports.report(error);
    else this.#endLater(error);
  }

  /** Ends the application without a caller that could receive the error or the failures of the stop. */
  #endLater(error: unknown): void {
    this.#end(error, error !== undefined).catch((failure: unknown) => this.#reports.report(failure));
  }

  #changeState(state: ApplicationState): void {
    this.#state = state;
    this.#events.applicationChanged(state);
  }
}
