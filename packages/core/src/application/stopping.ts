/**
 * Runs one stop of components: undoes `ready` and the tasks, drains the handlers, undoes the steps in the stop order,
 * and collects all failures. A teardown that hangs is named in the log and abandoned at the time limit; all other
 * teardowns still run. It must not decide which components stop.
 */
import type { Context } from '../context/context.ts';
import { TeardownError } from '../context/errors.ts';
import { isThenable } from '../context/teardown.ts';
import { componentText, type ComponentNode } from '../graph/component-node.ts';
import { readyOrder, usesOrder } from '../graph/component-order.ts';
import type { Plan, Step } from '../graph/plan.ts';
import { phaseOf, StopTimeoutError, type StopFailure } from './start-stop-errors.ts';
import type { Logger } from '../component/logger.ts';
import type { EventHandler } from './event-handler.ts';
import type { RunningComponent } from './running-component.ts';
import { backwards, forwards, runInOrder } from './schedule.ts';
import { startTimer } from './timer.ts';

export interface StopHost {
  readonly plan: Plan;
  /** The context to close at the end, if the whole application stops. */
  readonly context: Context | undefined;
  /** Name of the subgraph in messages. */
  readonly subject: string;
  /** All components, by index. */
  readonly components: readonly RunningComponent[];
  /** The needs of each step; a step is undone before them. */
  readonly needs: ReadonlyArray<readonly number[]>;
  /** The steps to undo, in the order in which they were started. */
  readonly startedSteps: readonly number[];
  /** The error that ended the application, which teardowns receive. */
  readonly endedBy: unknown;
  readonly logger: Logger;
  /** Called with errors thrown after the stop has finished. */
  readonly report: (error: unknown) => void;
}

/** Time after which the log names the teardowns that hang, in milliseconds. */
const warningMs = 5000;

/** Total time for teardowns that start after the limit has passed, in milliseconds. */
const lateMs = 1000;

export class Stopping {
  readonly #host: StopHost;
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

  constructor(host: StopHost) {
    this.#host = host;
    this.#expired = new Promise((resolve) => {
      this.#expire = resolve;
    });
  }

  /** Resolves with all failures when everything is undone or abandoned. */
  async run(limitMs: number): Promise<readonly StopFailure[]> {
    const warning = startTimer(warningMs, () => this.#warn());
    const limit = startTimer(limitMs, () => {
      this.#hanging = new Set(this.#running.keys());
      this.failed(undefined, new StopTimeoutError(limitMs, this.#runningNames(), this.#host.subject));
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
    const name = component ? componentText(component) : this.#host.subject;
    // Report the errors of an aggregate one by one.
    for (const each of error instanceof TeardownError ? error.errors : [error]) {
      if (this.#over) this.#host.report(each);
      else this.#failures.push({ component: name, error: each });
    }
  }

  async #undoAll(): Promise<void> {
    const { plan, components, needs, startedSteps, context, endedBy } = this.#host;
    const never = (error: unknown): never => {
      throw error;
    };
    const started = startedSteps.filter(
      (index) => components[plan.steps[index]!.node.index]!.planned.lastStep === index,
    );
    const nodes = started.map((index) => plan.steps[index]!.node.index);
    await runInOrder(backwards(readyOrder(plan), nodes), (index) => this.#unready(components[index]!), never);
    await this.#drain(nodes);
    await runInOrder(backwards(needs, startedSteps), (index) => this.#undo(plan.steps[index]!), never);
    if (context)
      await this.#attempt(
        undefined,
        () => 'its context',
        () => context.close(endedBy),
      );
  }

  #unready(component: RunningComponent): unknown {
    if (component.state !== 'failed') component.state = 'stopping';
    return this.#attempt(
      component,
      () => 'ready()',
      () => component.unready(this.#host.endedBy),
    );
  }

  #undo(step: Step): unknown {
    const component = this.#host.components[step.node.index]!;
    if (component.state !== 'failed') component.state = 'stopping';
    const undone = this.#attempt(
      component,
      () => phaseOf(step),
      () => component.undo(step, this.#host.endedBy),
    );
    const stopped = (): void => {
      if (step.kind === 'construct' && component.state !== 'failed') component.state = 'stopped';
    };
    return undone ? undone.then(stopped) : stopped();
  }

  /**
   * Waits until all received events are handled, then completes the handlers one by one, producers before consumers.
   * Events that a handler's operators emit on completion, or that its handling dispatches, still reach later handlers.
   * If the rest of the application keeps running, each handler only finishes the events received until its completion.
   */
  async #drain(nodes: readonly number[]): Promise<void> {
    const { plan, components, context } = this.#host;
    const keepsRunning = !context;
    const listening = nodes.filter((index) => components[index]!.handlers.length > 0);
    if (listening.length === 0) return;
    if (!keepsRunning) await this.#handleAll(listening);
    const order: number[] = [];
    await runInOrder(
      forwards(usesOrder(plan), nodes),
      (index) => order.push(index),
      () => 'continue',
    );
    for (const index of order) {
      for (const handler of components[index]!.handlers.splice(0)) {
        handler.complete();
        if (!this.#abandoned.has(handler)) await this.#idle(components[index]!, handler);
        if (!keepsRunning) await this.#handleAll(listening);
      }
    }
  }

  /** Waits until all events are handled, including those that the handling itself dispatches. */
  async #handleAll(listening: readonly number[]): Promise<void> {
    const { components } = this.#host;
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
    return this.#attempt(
      component,
      () => handler.label,
      () => handler.idle(),
      () => this.#abandoned.add(handler),
    );
  }

  /** Runs one teardown and records its failure; returns a promise only if the teardown has to be awaited. */
  #attempt(
    component: RunningComponent | undefined,
    phase: () => string,
    teardown: () => unknown,
    abandoned?: () => void,
  ): Promise<void> | undefined {
    try {
      const result = teardown();
      return isThenable(result) ? this.#waitFor(result, component, phase, abandoned) : undefined;
    } catch (error) {
      this.failed(component?.node, error);
      return undefined;
    }
  }

  /**
   * Waits for a teardown until the time limit and records its failure.
   *
   * @param abandoned - called when the teardown exceeds the component's limit
   */
  #waitFor(
    result: PromiseLike<unknown>,
    component: RunningComponent | undefined,
    phase: () => string,
    abandoned?: () => void,
  ): Promise<void> {
    const failed = (error: unknown): void => this.failed(component?.node, error);
    const { stopTimeout = 0 } = component?.timeouts ?? {};
    const name = component ? componentText(component.node) : this.#host.subject;
    const detail = (): string => withTeardown(phase(), component?.runningTeardown);
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
        abandoned?.();
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
    this.#host.logger.warn(`Still stopping after ${warningMs / 1000} s: ${hanging.join('; ')}`, { hanging });
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

/** Returns the phase and the callback or task that it waits for, unless both have the same name, as for a hook. */
function withTeardown(phase: string, teardown: string | undefined): string {
  return teardown === undefined || teardown === phase ? phase : `${phase}: ${teardown}`;
}
