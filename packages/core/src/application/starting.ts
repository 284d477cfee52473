/**
 * One start of components: two passes over the graph, the steps and then `ready` with the tasks, and everything that
 * ends a start before its time: failures, time limits, a deadlock, a process without work, a call to stop.
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
} from './start-errors.ts';
import { ResourceWaiters } from './resource-waiters.ts';
import type { RunningComponent } from './running-component.ts';
import { forwards, runInOrder } from './schedule.ts';
import { startTimer } from './timer.ts';

export interface StartHost {
  readonly plan: Plan;
  readonly context: Context;
  /** What starts, as messages call it. */
  readonly subject: string;
  /** The components that start, in the order of declaration. */
  readonly components: readonly RunningComponent[];
  /** Their steps. */
  readonly steps: readonly number[];
  /** Hears of each step before it is run; what was begun is what a stop takes back. */
  readonly begins: (step: number) => void;
  /** Hears of a component that waits for a key. */
  readonly waits: (component: RunningComponent, key: Key) => void;
  /** Hears of what fails when the start is over. */
  readonly report: (error: unknown) => void;
}

/** How long components may take to heed the signal of a start that is given up, in milliseconds. */
const settleMs = 1000;

export class Starting {
  readonly #host: StartHost;
  /** The components that start, by their index. */
  readonly #components = new Map<number, RunningComponent>();
  /** Why the start was given up; there as soon as it is. */
  #ending: { readonly reason: unknown } | undefined;
  readonly #failures: unknown[] = [];
  readonly #waiters: ResourceWaiters;
  readonly #givenUp: Promise<void>;
  #giveUp!: () => void;
  #limit: NodeJS.Timeout | undefined;
  #settling: NodeJS.Timeout | undefined;
  #over = false;

  constructor(host: StartHost) {
    this.#host = host;
    for (const component of host.components) this.#components.set(component.node.index, component);
    this.#waiters = new ResourceWaiters(host.context);
    this.#givenUp = new Promise((resolve) => {
      this.#giveUp = resolve;
    });
  }

  /** Resolves when everything is ready, or when the start was given up and those under way had a moment to end. */
  async run(limitMs: number): Promise<void> {
    // No timer keeps the process alive: a start that nothing is left to finish ends at once.
    const { subject } = this.#host;
    this.#limit = startTimer(limitMs, () =>
      this.#giveUpFor(() => new StartTimeoutError(limitMs, this.waiting(), subject)),
    );
    this.#limit?.unref();
    process.on('beforeExit', this.#stalled);
    await Promise.race([this.#bothPasses(), this.#givenUp]);
  }

  /** Says that the start is over; @returns why it failed, nothing when it did not. */
  end(): readonly unknown[] {
    this.#over = true;
    process.off('beforeExit', this.#stalled);
    clearTimeout(this.#limit);
    clearTimeout(this.#settling);
    this.#waiters.close();
    return this.#failures;
  }

  /** Gives the start up because the application is to stop, for an error or because somebody said so. */
  cancel(error: unknown): void {
    const asked = error === undefined || error instanceof StartCancelledError;
    if (!asked || !this.#ending) this.#fail(error ?? new StartCancelledError(undefined, this.#host.subject));
  }

  /** Waits for a key on behalf of a component; undefined when there is nothing to wait for any more. */
  waitFor(component: RunningComponent, id: ServiceIdentifier<unknown>, name: string): Promise<void> | undefined {
    const published = this.#waiters.wait(component.node, id, name);
    if (!published) return undefined;
    this.#host.waits(component, { id, name });
    this.#lookForDeadlock();
    return published;
  }

  /** What the components that have not started are doing. */
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
    // Handlers begin to listen everywhere before work is let in anywhere, so that no event is missed.
    if (!components.every((component) => this.#listen(component))) return;
    const order = forwards(readyOrder(plan), [...this.#components.keys()]);
    await runInOrder(order, (index) => this.#makeReady(this.#components.get(index)!), this.#failed);
  }

  #run(step: Step): unknown {
    const component = this.#components.get(step.node.index)!;
    this.#checkGoesOn();
    this.#host.begins(step.index);
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
    this.#checkGoesOn();
    let result: unknown;
    try {
      result = component.ready();
    } catch (error) {
      throw this.#failureOf(component, 'ready', error);
    }
    return isThenable(result) ? this.#untilEnded(component, 'ready', result) : this.#done(component, 'ready');
  }

  /** What ends well although the start was given up makes nothing else begin. */
  #checkGoesOn(): void {
    if (this.#ending) throw this.#ending.reason;
  }

  #done(component: RunningComponent, part: Step | 'ready'): void {
    if (part === 'ready') component.state = 'ready';
    else if (part.index === component.planned.lastStep) component.state = 'started';
  }

  /** Says where a part of a component's start failed. */
  #failureOf(component: RunningComponent, part: Step | 'ready', error: unknown): unknown {
    if (this.#wasTold(error)) return error;
    if (!this.#over) component.state = 'failed';
    return new ComponentStartError(component.node, part === 'ready' ? 'ready()' : phaseOf(part), error);
  }

  /** Counts a part of a component's start as under way until it has ended. */
  #untilEnded(component: RunningComponent, part: Step | 'ready', result: PromiseLike<unknown>): PromiseLike<void> {
    component.active++;
    const limit = this.#limitFor(component, part);
    const ended = (): void => {
      clearTimeout(limit);
      component.active--;
      this.#lookForDeadlock();
    };
    return result.then(
      () => {
        ended();
        if (!this.#over) this.#done(component, part);
      },
      (error: unknown) => {
        ended();
        throw this.#failureOf(component, part, error);
      },
    );
  }

  /** Ends the start when a part of a component takes longer than the component allows. */
  #limitFor(component: RunningComponent, part: Step | 'ready'): NodeJS.Timeout | undefined {
    const { startTimeout } = component.timeouts;
    if (startTimeout === undefined) return undefined;
    const passed = (): void => {
      if (this.#over) return;
      const keys = this.#waiters.keysOf(component.node);
      this.#fail(this.#failureOf(component, part, new ComponentTimeoutError(startTimeout, keys)));
    };
    return startTimer(startTimeout, passed)?.unref();
  }

  readonly #failed = (error: unknown): 'stop' => {
    this.#fail(error);
    return 'stop';
  };

  /** Ends the start; those under way have a moment to heed their signal. */
  #fail(error: unknown): void {
    if (this.#wasTold(error)) return;
    if (this.#over) {
      this.#host.report(error);
      return;
    }
    this.#failures.push(error);
    if (this.#ending) return;
    this.#settling = setTimeout(this.#giveUp, settleMs).unref();
    this.#waiters.abandon(error);
    this.#ending = { reason: error };
    for (const component of this.#host.components) component.abort(error);
  }

  /** What a component throws because it is told to give up is no failure of its own. */
  #wasTold(error: unknown): boolean {
    const ending = this.#ending;
    return ending !== undefined && (error === ending.reason || (error instanceof Error && error.name === 'AbortError'));
  }

  /** The process has nothing left to do, and would end. */
  readonly #stalled = (): void => {
    if (this.#ending) {
      this.#giveUp();
      return;
    }
    this.#fail(new StartStalledError(this.waiting(), this.#host.subject));
    // One more turn for those who heed their signal; if nothing comes of it, this is called again.
    setImmediate(() => undefined);
  };

  #giveUpFor(why: () => unknown): void {
    if (!this.#ending) this.#fail(why());
  }

  /** When every step under way waits for a resource, nobody is left to publish one. */
  #lookForDeadlock(): void {
    if (this.#waiters.size === 0) return;
    // What was woken in this turn has to get going first.
    setImmediate(() => {
      if (this.#waiters.size === 0) return;
      // Of several steps of one component nobody can tell which one waits; the others may be at work.
      const stuck = ({ node, active }: RunningComponent): boolean =>
        active === 0 || (active === 1 && this.#waiters.keysOf(node).length > 0);
      if (this.#host.components.every(stuck)) this.#giveUpFor(() => new StartDeadlockError(this.waiting()));
    });
  }
}
