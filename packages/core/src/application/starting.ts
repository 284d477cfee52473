/**
 * Runs one start of components in two passes over the graph: first the steps, then `ready` with the tasks. It also ends
 * a start early: after a failure, a time limit, a deadlock, an empty event loop or a call to stop. It must not undo
 * anything; `Stopping` does.
 */
import type { Key, ServiceIdentifier } from '../context/key.ts';
import type { Context } from '../context/context.ts';
import { isThenable } from '../context/teardown.ts';
import { readyOrder } from '../graph/component-order.ts';
import type { Plan, Step } from '../graph/plan.ts';
import {
  ComponentStartError,
  ComponentTimeoutError,
  phaseOf,
  StartCancelledError,
  StartDeadlockError,
  StartStalledError,
  StartTimeoutError,
  type Waiting,
} from './start-stop-errors.ts';
import { ResourceWaiters } from './lookups.ts';
import type { RunningComponent } from './running-component.ts';
import { forwards, runInOrder } from './schedule.ts';
import { startTimer } from './timer.ts';

export interface StartHost {
  readonly plan: Plan;
  readonly context: Context;
  /** Name of the subgraph in messages. */
  readonly subject: string;
  /** The components to start, in the order of declaration. */
  readonly components: readonly RunningComponent[];
  /** Their steps. */
  readonly steps: readonly number[];
  /** Called before each step runs. A stop undoes these steps. */
  readonly onStepStart: (step: number) => void;
  /** Called when a component waits for a key. */
  readonly waits: (component: RunningComponent, key: Key) => void;
  /** Called with errors thrown after the start is over. */
  readonly report: (error: unknown) => void;
}

/** Grace period for components to react to the abort signal of an aborted start, in milliseconds. */
const settleMs = 1000;

export class Starting {
  readonly #host: StartHost;
  /** The components to start, by index. */
  readonly #components = new Map<number, RunningComponent>();
  /** Why the start was aborted; set at that moment. */
  #ending: { readonly reason: unknown } | undefined;
  readonly #failures: unknown[] = [];
  readonly #waiters: ResourceWaiters;
  readonly #abandoned: Promise<void>;
  #abandon!: () => void;
  #limit: NodeJS.Timeout | undefined;
  #settling: NodeJS.Timeout | undefined;
  #over = false;

  constructor(host: StartHost) {
    this.#host = host;
    for (const component of host.components) this.#components.set(component.node.index, component);
    this.#waiters = new ResourceWaiters(host.context);
    this.#abandoned = new Promise((resolve) => {
      this.#abandon = resolve;
    });
  }

  /** Resolves when everything is ready, or when the start was aborted and the grace period is over. */
  async run(limitMs: number): Promise<void> {
    // The timers do not keep the process alive: a start that cannot finish fails as soon as the event loop is empty.
    const { subject } = this.#host;
    this.#limit = startTimer(limitMs, () =>
      this.#abortWith(() => new StartTimeoutError(limitMs, this.waiting(), subject)),
    );
    this.#limit?.unref();
    process.on('beforeExit', this.#stalled);
    await Promise.race([this.#bothPasses(), this.#abandoned]);
  }

  /** Ends the start; returns its failures, an empty list after a success. */
  end(): readonly unknown[] {
    this.#over = true;
    process.off('beforeExit', this.#stalled);
    clearTimeout(this.#limit);
    clearTimeout(this.#settling);
    this.#waiters.close();
    return this.#failures;
  }

  /** Aborts the start because the application has to stop, after an error or on request. */
  cancel(error: unknown): void {
    const requested = error === undefined || error instanceof StartCancelledError;
    if (!requested || !this.#ending) this.#fail(error ?? new StartCancelledError(undefined, this.#host.subject));
  }

  /** Waits for a key on behalf of a component; returns `undefined` once lookups no longer wait. */
  waitFor(component: RunningComponent, id: ServiceIdentifier<unknown>, name: string): Promise<void> | undefined {
    const published = this.#waiters.wait(component.node, id, name);
    if (!published) return undefined;
    this.#host.waits(component, { id, name });
    this.#lookForDeadlock();
    return published;
  }

  /** Returns the components whose start is in progress, with the keys that they wait for. */
  waiting(): Waiting[] {
    const now = performance.now();
    return this.#host.components
      .filter(({ active }) => active > 0)
      .map(({ node, state, since }) => ({ node, state, since: now - since, keys: this.#waiters.keysOf(node) }));
  }

  async #bothPasses(): Promise<void> {
    const { plan, components, steps } = this.#host;
    const needs = plan.steps.map((step) => step.needs);
    await runInOrder(forwards(needs, steps), (index) => this.#run(plan.steps[index]!), this.#failed);
    if (this.#ending) return;
    this.#waiters.close();
    // All handlers subscribe before any `ready` hook or task runs, so that no event is missed.
    if (!components.every((component) => this.#listen(component))) return;
    const order = forwards(readyOrder(plan), [...this.#components.keys()]);
    await runInOrder(order, (index) => this.#makeReady(this.#components.get(index)!), this.#failed);
  }

  #run(step: Step): unknown {
    const component = this.#components.get(step.node.index)!;
    this.#throwIfAborted();
    this.#host.onStepStart(step.index);
    let result: unknown;
    try {
      result = component.run(step);
    } catch (error) {
      throw this.#failureOf(component, step, error);
    }
    return isThenable(result) ? this.#untilEnded(component, step, result) : this.#done(component, step);
  }

  #listen(component: RunningComponent): boolean {
    for (const handler of component.planned.handlers) {
      try {
        component.listen(handler);
      } catch (error) {
        component.state = 'failed';
        this.#fail(new ComponentStartError(component.node, `${String(handler.declaration.member)}()`, error));
        return false;
      }
    }
    return true;
  }

  #makeReady(component: RunningComponent): unknown {
    this.#throwIfAborted();
    let result: unknown;
    try {
      result = component.ready();
    } catch (error) {
      throw this.#failureOf(component, 'ready', error);
    }
    return isThenable(result) ? this.#untilEnded(component, 'ready', result) : this.#done(component, 'ready');
  }

  /** Throws after an abort, so that a step that still succeeds does not cause further steps to start. */
  #throwIfAborted(): void {
    if (this.#ending) throw this.#ending.reason;
  }

  #done(component: RunningComponent, phase: Step | 'ready'): void {
    if (phase === 'ready') component.state = 'ready';
    else if (phase.index === component.planned.lastStep) component.state = 'started';
  }

  /** Wraps the error of a component's phase in an error that names the phase. */
  #failureOf(component: RunningComponent, phase: Step | 'ready', error: unknown): unknown {
    if (this.#isAbortReaction(error)) return error;
    if (!this.#over) component.state = 'failed';
    return new ComponentStartError(component.node, phase === 'ready' ? 'ready()' : phaseOf(phase), error);
  }

  /** Counts a component's phase as active until its promise has settled. */
  #untilEnded(component: RunningComponent, phase: Step | 'ready', result: PromiseLike<unknown>): PromiseLike<void> {
    component.active++;
    const limit = this.#limitFor(component, phase);
    const ended = (): void => {
      clearTimeout(limit);
      component.active--;
      this.#lookForDeadlock();
    };
    return result.then(
      () => {
        ended();
        if (!this.#over) this.#done(component, phase);
      },
      (error: unknown) => {
        ended();
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
      const keys = this.#waiters.keysOf(component.node);
      this.#fail(this.#failureOf(component, phase, new ComponentTimeoutError(startTimeout, keys)));
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
      this.#host.report(error);
      return;
    }
    this.#failures.push(error);
    if (this.#ending) return;
    this.#settling = setTimeout(this.#abandon, settleMs).unref();
    this.#waiters.abandon(error);
    this.#ending = { reason: error };
    for (const component of this.#host.components) component.abort(error);
  }

  /** Returns whether an error is only a component's reaction to its abort signal, not a failure of its own. */
  #isAbortReaction(error: unknown): boolean {
    const ending = this.#ending;
    return ending !== undefined && (error === ending.reason || (error instanceof Error && error.name === 'AbortError'));
  }

  /** Called when the event loop is empty and the process is about to exit. */
  readonly #stalled = (): void => {
    if (this.#ending) {
      this.#abandon();
      return;
    }
    this.#fail(new StartStalledError(this.waiting(), this.#host.subject));
    // Allows components one more turn to react to the signal. If they do not, Node calls this function again.
    setImmediate(() => undefined);
  };

  #abortWith(why: () => unknown): void {
    if (!this.#ending) this.#fail(why());
  }

  /** Aborts the start if every active step waits for a resource, because no step is left to publish one. */
  #lookForDeadlock(): void {
    if (this.#waiters.size === 0) return;
    // Lookups that were woken in this turn must continue first.
    setImmediate(() => {
      if (this.#waiters.size === 0) return;
      // With several active steps of one component, it is unknown which one waits. The others may still publish.
      const stuck = ({ node, active }: RunningComponent): boolean =>
        active === 0 || (active === 1 && this.#waiters.keysOf(node).length > 0);
      if (this.#host.components.every(stuck)) this.#abortWith(() => new StartDeadlockError(this.waiting()));
    });
  }
}
