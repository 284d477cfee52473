/**
 * Runs one stop of components: undoes `ready` and the tasks, drains the handlers, undoes the steps in the stop order,
 * and collects all failures. A teardown that hangs is named in the log and abandoned at the time limit; all other
 * teardowns still run. It must not decide which components stop.
 */
import { TeardownError } from '../context/errors.ts';
import { isThenable } from '../context/teardown.ts';
import { componentText, type ComponentNode } from '../graph/component-node.ts';
import { readyOrder, usesOrder } from '../graph/component-order.ts';
import type { Step, StepIndex } from '../graph/plan.ts';
import { EventHandler } from './event-handler.ts';
import type { RunningComponent } from './running-component.ts';
import type { Runtime } from './runtime.ts';
import { backwards, forwards, runInOrder } from './schedule.ts';
import { phaseOf, StopTimeoutError, type StopFailure } from './start-stop-errors.ts';
import { startTimer } from './timer.ts';

export interface StopRequest {
  /** Name of the subgraph in messages. */
  readonly subject: string;
  /** Whether the whole application stops, so that its context closes at the end. */
  readonly endsApplication: boolean;
  /** All components, by index. */
  readonly components: readonly RunningComponent[];
  /** The needs of each step; a step is undone before them. */
  readonly needs: ReadonlyArray<readonly StepIndex[]>;
  /** The steps to undo, in the order in which they were started. */
  readonly startedSteps: readonly StepIndex[];
  /** The error that ended the application, which teardowns receive. */
  readonly endedBy: unknown;
}

/** What a teardown ends: a phase, a handler with unfinished events, or the application's context. */
type Target = Step | 'ready()' | EventHandler | 'its context';

/** Time after which the log names the teardowns that hang, in milliseconds. */
const warningMs = 5000;

/** Total time for teardowns that start after the limit has passed, in milliseconds. */
const lateMs = 1000;

export class Stopping {
  readonly #runtime: Runtime;
  readonly #request: StopRequest;
  readonly #failures: StopFailure[] = [];
  /** The running teardowns, each with a function that returns its name in messages. */
  readonly #running = new Map<Promise<void>, () => string>();
  readonly #expired: Promise<void>;
  #expire!: () => void;
  /** The teardowns that were abandoned at the limit; set when the limit passes. */
  #hanging: ReadonlySet<Promise<void>> | undefined;
  /** Handlers that exceeded the limit of their component. */
  readonly #abandoned = new Set<EventHandler>();
  #over = false;

  constructor(runtime: Runtime, request: StopRequest) {
    this.#runtime = runtime;
    this.#request = request;
    this.#expired = new Promise((resolve) => {
      this.#expire = resolve;
    });
  }

  /** Resolves with all failures when everything is undone or abandoned. */
  async run(limitMs: number): Promise<readonly StopFailure[]> {
    const warning = startTimer(warningMs, () => this.#warn());
    const limit = startTimer(limitMs, () => {
      this.#hanging = new Set(this.#running.keys());
      this.failed(undefined, new StopTimeoutError(limitMs, this.#runningNames(), this.#request.subject));
      this.#expire();
    });
    // Yield once so that no teardown runs synchronously inside `stop()`.
    await Promise.resolve();
    await this.#undoAll();
    clearTimeout(warning);
    clearTimeout(limit);
    if (this.#hanging) await this.#waitForLate(this.#hanging);
    this.#over = true;
    return this.#failures;
  }

  /** Records an error that occurred during the stop. */
  failed(component: ComponentNode | undefined, error: unknown): void {
    const name = component ? componentText(component) : this.#request.subject;
    // Report the errors of an aggregate one by one.
    for (const each of error instanceof TeardownError ? error.errors : [error]) {
      if (this.#over) this.#runtime.report(each);
      else this.#failures.push({ component: name, error: each });
    }
  }

  async #undoAll(): Promise<void> {
    const { plan, context } = this.#runtime;
    const { components, needs, startedSteps, endedBy, endsApplication } = this.#request;
    const never = (error: unknown): never => {
      throw error;
    };
    const started = startedSteps
      .map((index) => plan.steps[index]!)
      .filter(({ index, node }) => components[node.index]!.planned.lastStep === index)
      .map(({ node }) => node.index);
    await runInOrder(backwards(readyOrder(plan), started), (index) => this.#unready(components[index]!), never);
    await this.#drain(started);
    await runInOrder(backwards(needs, startedSteps), (index) => this.#undo(plan.steps[index]!), never);
    if (endsApplication) await this.#attempt(undefined, 'its context', () => context.close(endedBy));
  }

  #unready(component: RunningComponent): unknown {
    this.#enter(component, 'stopping');
    return this.#attempt(component, 'ready()', () => component.undo('ready', this.#request.endedBy));
  }

  #undo(step: Step): unknown {
    const component = this.#request.components[step.node.index]!;
    this.#enter(component, 'stopping');
    const undone = this.#attempt(component, step, () => component.undo(step.index, this.#request.endedBy));
    if (step.kind !== 'construct') return undone;
    return undone ? undone.then(() => this.#enter(component, 'stopped')) : this.#enter(component, 'stopped');
  }

  /** Changes the state of a component, unless it has failed. */
  #enter({ activity }: RunningComponent, state: 'stopping' | 'stopped'): void {
    if (activity.state !== 'failed') activity.enter(state);
  }

  /**
   * Waits until all received events are handled, then completes the handlers one by one, producers before consumers.
   * Events that a handler's operators emit on completion, or that its handling dispatches, still reach later handlers.
   * If the rest of the application keeps running, each handler only finishes the events received until its completion.
   */
  async #drain(nodes: readonly number[]): Promise<void> {
    const { components, endsApplication } = this.#request;
    const listening = nodes.filter((index) => components[index]!.handlers.length > 0);
    if (listening.length === 0) return;
    if (endsApplication) await this.#handleAll(listening);
    const order: number[] = [];
    await runInOrder(
      forwards(usesOrder(this.#runtime.plan), nodes),
      (index) => order.push(index),
      () => 'continue',
    );
    for (const index of order) {
      for (const handler of components[index]!.handlers.splice(0)) {
        handler.complete();
        if (!this.#abandoned.has(handler)) await this.#idle(components[index]!, handler);
        if (endsApplication) await this.#handleAll(listening);
      }
    }
  }

  /** Waits until all events are handled, including those that the handling itself dispatches. */
  async #handleAll(listening: readonly number[]): Promise<void> {
    const { components } = this.#request;
    while (!this.#hanging) {
      const busy = listening.flatMap((index) =>
        components[index]!.handlers.filter((handler) => handler.busy && !this.#abandoned.has(handler)).map(
          (handler) => ({ index, handler }),
        ),
      );
      if (busy.length === 0) return;
      const idle = busy.map(({ index, handler }) => this.#idle(components[index]!, handler));
      await Promise.all(idle.filter((ended) => ended !== undefined));
    }
  }

  #idle(component: RunningComponent, handler: EventHandler): Promise<void> | undefined {
    return this.#attempt(component, handler, () => handler.idle());
  }

  /** Runs one teardown and records its failure; returns a promise only if the teardown has to be awaited. */
  #attempt(
    component: RunningComponent | undefined,
    target: Target,
    teardown: () => unknown,
  ): Promise<void> | undefined {
    try {
      const result = teardown();
      return isThenable(result) ? this.#waitFor(result, component, target) : undefined;
    } catch (error) {
      this.failed(component?.node, error);
      return undefined;
    }
  }

  /** Waits for a teardown until the time limit and records its failure. */
  #waitFor(result: PromiseLike<unknown>, component: RunningComponent | undefined, target: Target): Promise<void> {
    const failed = (error: unknown): void => this.failed(component?.node, error);
    const { stopTimeout = 0 } = component?.timeouts ?? {};
    const name = component ? componentText(component.node) : this.#request.subject;
    const detail = (): string => withTeardown(labelOf(target), component?.runningTeardown);
    const ended: Promise<void> = Promise.resolve(result)
      .then(() => undefined, failed)
      .then(() => {
        clearTimeout(limit);
        this.#running.delete(ended);
      });
    this.#running.set(ended, () => `${name}, ${detail()}`);
    let limit: NodeJS.Timeout | undefined;
    if (!component || stopTimeout === 0) return Promise.race([ended, this.#expired]);
    const passed = new Promise<void>((resolve) => {
      limit = startTimer(stopTimeout, () => {
        this.#running.delete(ended);
        if (target instanceof EventHandler) this.#abandoned.add(target);
        failed(new StopTimeoutError(stopTimeout, [detail()], componentText(component.node)));
        resolve();
      });
    });
    return Promise.race([ended, this.#expired, passed]);
  }

  #runningNames(): string[] {
    return Array.from(this.#running.values(), (nameNow) => nameNow());
  }

  #warn(): void {
    const hanging = this.#runningNames();
    this.#runtime.logger.warn(`Still stopping after ${warningMs / 1000} s: ${hanging.join('; ')}`, { hanging });
  }

  /** Waits a short time for teardowns that started after the limit. */
  async #waitForLate(hanging: ReadonlySet<Promise<void>>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, lateMs);
    });
    await Promise.race([Promise.all([...this.#running.keys()].filter((each) => !hanging.has(each))), late]);
    clearTimeout(timer);
  }
}

function labelOf(target: Target): string {
  if (typeof target === 'string') return target;
  return target instanceof EventHandler ? target.label : phaseOf(target);
}

/** Returns the phase and the callback or task that it waits for, unless both have the same name, as for a hook. */
function withTeardown(phase: string, teardown: string | undefined): string {
  return teardown === undefined || teardown === phase ? phase : `${phase}: ${teardown}`;
}
