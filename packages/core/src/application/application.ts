/**
 * An application: a plan that runs. Here is its life: which state it is in, what begins and ends it, and who hears of
 * what. How it gets from one state to the next is the business of `Starting` and `Stopping`; what a component does on
 * the way, that of `RunningComponent`.
 */
import type { Context } from '../context/context.ts';
import { keyText } from '../context/key.ts';
import type { ComponentNode } from '../graph/component-node.ts';
import type { Plan } from '../graph/plan.ts';
import { PlanError } from '../graph/problems.ts';
import { Signal, type SignalOwner } from '../signal/signal.ts';
import { ApplicationContext } from './component-context.ts';
import { ApplicationStateError, StartError, StopError, SubscriberError, type Waiting } from './errors.ts';
import type { ApplicationState, LifecycleEvent } from './lifecycle.ts';
import { silentLogger, type Logger } from '../component/logger.ts';
import { RunningComponent, type ComponentHost } from './running-component.ts';
import { Starting } from './starting.ts';
import { Stopping } from './stopping.ts';
import { needsOfWayBack } from './way-back.ts';

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
  /** Tells of every change of state while the application starts and stops; completes when it has stopped. */
  readonly lifecycle = new Signal<LifecycleEvent>();
  /** Settles when the application has stopped; rejects with the error that ended it. */
  readonly finished: Promise<void>;

  readonly #options: ApplicationOptions;
  readonly #logger: Logger;
  readonly #components: readonly RunningComponent[];
  readonly #abort = new AbortController();
  #state: ApplicationState = 'initialized';
  /** The last start; what it began is what a stop takes back. */
  #start: Starting | undefined;
  #isStarting = false;
  #stopping: Stopping | undefined;
  #stopped: Promise<void> | undefined;
  #finish!: { resolve: () => void; reject: (error: unknown) => void };

  /** @throws {@link PlanError} when the plan has problems. */
  constructor(plan: Plan, options: ApplicationOptions = {}) {
    if (plan.problems.length > 0) throw new PlanError(plan.problems);
    this.plan = plan;
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.context = new ApplicationContext(plan.root.type.name, (error) => this.#crashed(error));
    const host = this.#componentHost();
    this.#components = plan.components.map((planned) => new RunningComponent(host, planned));
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
   * Starts every component as early as its needs allow; resolves when all are ready.
   *
   * @throws {@link ComponentStartError}, or {@link StartError} for several; what was started is torn down by then.
   * @throws {@link ApplicationStateError} when the application was started or stopped before.
   */
  async start(): Promise<void> {
    if (this.#state !== 'initialized') throw new ApplicationStateError(this.#state);
    this.#changeState('starting');
    const { startTimeout = 20_000 } = this.#options;
    const start = (this.#start = new Starting({
      plan: this.plan,
      context: this.context,
      components: this.#components,
      abort: this.#abort,
      waits: ({ node }, key) =>
        this.lifecycle.dispatch({ type: 'waiting', component: node, key, at: performance.now() }),
      report: this.#report,
    }));
    this.#isStarting = true;
    await start.run(startTimeout);
    const failures = start.end();
    this.#isStarting = false;
    if (failures.length === 0) {
      this.#changeState('started');
      return;
    }
    const failure = failures.length === 1 ? failures[0] : new StartError(failures);
    try {
      await this.stop(failure);
    } catch (error) {
      throw new StartError([...failures, error]);
    }
    throw failure;
  }

  /**
   * Stops everything: work ends first, then components are torn down in reverse. Calling it again waits for the same
   * stop; calling it while the application starts gives the start up.
   *
   * @param error - what ended the application; every teardown is told
   * @throws {@link StopError} when teardowns failed; the others ran nevertheless
   */
  stop(error?: unknown): Promise<void> {
    if (this.#isStarting) {
      this.#start!.cancel(error);
      return this.finished.catch(() => undefined);
    }
    return (this.#stopped ??= this.#stop(error));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** What the components that have not started are doing. */
  waiting(): Waiting[] {
    return this.#isStarting ? this.#start!.waiting() : [];
  }

  async #stop(endedBy: unknown): Promise<void> {
    this.#changeState('stopping');
    this.#abort.abort(endedBy ?? new DOMException('The application stops', 'AbortError'));
    this.#stopping = new Stopping(
      {
        plan: this.plan,
        context: this.context,
        components: this.#components,
        needs: needsOfWayBack(this.plan, this.#start?.found.arrows ?? []),
        begun: this.#start?.begun ?? [],
        logger: this.#logger,
        report: this.#report,
      },
      endedBy,
    );
    const { stopTimeout = 10_000 } = this.#options;
    const failures = await this.#stopping.run(stopTimeout);
    this.#changeState('stopped');
    Signal.complete(this.lifecycle);
    const failure = failures.length > 0 ? new StopError(failures, endedBy) : undefined;
    if (endedBy !== undefined || failure) this.#finish.reject(endedBy ?? failure);
    else this.#finish.resolve();
    if (failure) throw failure;
  }

  #componentHost(): ComponentHost {
    const isStarting = (): Starting | undefined => (this.#isStarting ? this.#start : undefined);
    return {
      context: this.context,
      logger: this.#logger,
      abort: this.#abort.signal,
      waitFor: (component, id, name) => isStarting()?.waitFor(component, id, name),
      published: ({ stepAtWork }, ids, name) => isStarting()?.found.published(stepAtWork, ids, name),
      found: ({ stepAtWork }, id, name) => isStarting()?.found.found(stepAtWork, id, name),
      adopt: (value, key) =>
        typeof value === 'object' && value !== null ? Signal.adopt(value, this.#signalOwner(keyText(key))) : undefined,
      stateChanged: ({ node, state, since }) =>
        this.lifecycle.dispatch({ type: 'component', component: node, state, at: since }),
      report: this.#report,
      crashed: (error, component) => this.#crashed(error, component),
    };
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

  /** Something failed that ends the application, or failed while it ends. */
  #crashed(error: unknown, component?: ComponentNode): void {
    if (this.#stopping) this.#stopping.failed(component, error);
    else this.stop(error).catch(this.#report);
  }

  #changeState(state: ApplicationState): void {
    this.#state = state;
    this.lifecycle.dispatch({ type: 'application', state, at: performance.now() });
  }
}
