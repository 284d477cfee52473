/**
 * Runs the teardowns of one stop within its time limits and collects their failures. A teardown that hangs is named in
 * the log and abandoned at the limit. It must not decide which teardowns run; `Stopping` does.
 */
import { TeardownError } from '../context/errors.ts';
import { isThenable } from '../context/teardown.ts';
import { componentText, type ComponentNode } from '../graph/component-node.ts';
import type { Step } from '../graph/plan.ts';
import type { RunningHandler } from './handlers.ts';
import type { RunningComponent } from './running-component.ts';
import type { Runtime } from './runtime.ts';
import { phaseOf, StopTimeoutError, type StopFailure } from './start-stop-errors.ts';
import { startTimer } from '../context/timer.ts';

/** What a teardown ends: a phase, a handler with unfinished events, or the application's context. */
type Target = Step | 'ready()' | RunningHandler | 'its context';

/** Time after which the log names the teardowns that hang, in milliseconds. */
const warningMs = 5000;

/** Total time for teardowns that start after the limit has passed, in milliseconds. */
const lateMs = 1000;

export class TimedTeardowns {
  readonly #runtime: Runtime;
  readonly #subject: string;
  readonly #failures: StopFailure[] = [];
  /** The running teardowns, each with a function that returns its name in messages. */
  readonly #running = new Map<Promise<void>, () => string>();
  readonly #expired: Promise<void>;
  #expire!: () => void;
  readonly #warning: NodeJS.Timeout | undefined;
  readonly #limit: NodeJS.Timeout | undefined;
  /** The teardowns that were abandoned at the limit; set when the limit passes. */
  #hanging: ReadonlySet<Promise<void>> | undefined;
  readonly #abandoned = new Set<RunningHandler>();
  #over = false;

  /**
   * Starts the time limit.
   *
   * @param subject - name of the subgraph in messages
   */
  constructor(runtime: Runtime, subject: string) {
    this.#runtime = runtime;
    this.#subject = subject;
    this.#expired = new Promise((resolve) => {
      this.#expire = resolve;
    });
    this.#warning = startTimer(warningMs, () => this.#warn());
    this.#limit = startTimer(runtime.limits.stopTimeout, () => this.#exceeded());
  }

  /** Whether the time limit has passed. */
  get hasExpired(): boolean {
    return this.#hanging !== undefined;
  }

  /** Returns whether a handler exceeded the limit of its component. */
  hasAbandoned(handler: RunningHandler): boolean {
    return this.#abandoned.has(handler);
  }

  /** Returns the failures when the teardowns that started after the limit have ended or were abandoned, too. */
  async finish(): Promise<readonly StopFailure[]> {
    clearTimeout(this.#warning);
    clearTimeout(this.#limit);
    if (this.#hanging) await this.#waitForLate(this.#hanging);
    this.#over = true;
    return this.#failures;
  }

  /** Records an error that occurred during the stop. */
  failed(component: ComponentNode | undefined, error: unknown): void {
    const name = component ? componentText(component) : this.#subject;
    // Report the errors of an aggregate one by one.
    for (const each of error instanceof TeardownError ? error.failures : [{ error }]) {
      if (this.#over) this.#runtime.report(each.error);
      else this.#failures.push({ component: name, ...each });
    }
  }

  /** Runs one teardown and records its failure; returns a promise only if the teardown has to be awaited. */
  run(component: RunningComponent | undefined, target: Target, teardown: () => unknown): Promise<void> | undefined {
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
    const name = component ? componentText(component.node) : this.#subject;
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
        if (isHandler(target)) this.#abandoned.add(target);
        failed(new StopTimeoutError(stopTimeout, [detail()], componentText(component.node)));
        resolve();
      });
    });
    return Promise.race([ended, this.#expired, passed]);
  }

  #runningNames(): string[] {
    return Array.from(this.#running.values(), (nameNow) => nameNow());
  }

  #exceeded(): void {
    const { stopTimeout } = this.#runtime.limits;
    this.#hanging = new Set(this.#running.keys());
    this.failed(undefined, new StopTimeoutError(stopTimeout, this.#runningNames(), this.#subject));
    this.#expire();
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
  return isHandler(target) ? target.label : phaseOf(target);
}

function isHandler(target: Target): target is RunningHandler {
  return typeof target === 'object' && 'label' in target;
}

/** Returns the phase and the callback or task that it waits for, unless both have the same name, as for a hook. */
function withTeardown(phase: string, teardown: string | undefined): string {
  return teardown === undefined || teardown === phase ? phase : `${phase}: ${teardown}`;
}
