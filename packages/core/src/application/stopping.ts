/**
 * The way back: lets no more work in, has handlers finish what they hold, undoes the steps in reverse, and keeps
 * everything that fails meanwhile. Whatever hangs is named, and given up when the time is over; all the rest is torn
 * down nevertheless.
 */
import type { Context } from '../context/context.ts';
import { TeardownError } from '../context/errors.ts';
import { isThenable } from '../context/teardown.ts';
import { componentText, type ComponentNode } from '../graph/component-node.ts';
import { readyOrder, usesOrder } from '../graph/component-order.ts';
import type { Plan, Step } from '../graph/plan.ts';
import { phaseOf } from './start-errors.ts';
import { StopTimeoutError, type StopFailure } from './stop-errors.ts';
import type { Logger } from '../component/logger.ts';
import type { EventHandler } from './event-handler.ts';
import type { RunningComponent } from './running-component.ts';
import { backwards, forwards, runInOrder } from './schedule.ts';
import { startTimer } from './timer.ts';

export interface StopHost {
  readonly plan: Plan;
  /** Closed at the end, where the whole application stops. */
  readonly context: Context | undefined;
  /** What stops, as messages call it. */
  readonly subject: string;
  /** All components, by their index. */
  readonly components: readonly RunningComponent[];
  /** What each step waited for. */
  readonly needs: ReadonlyArray<readonly number[]>;
  /** The steps to undo, in the order in which they were begun. */
  readonly begun: readonly number[];
  /** What ended the application, for the teardowns. */
  readonly endedBy: unknown;
  readonly logger: Logger;
  /** Hears of what fails when the stop is over. */
  readonly report: (error: unknown) => void;
}

/** When whatever hangs is named in the log, in milliseconds. */
const warningMs = 5000;

/** How long teardowns that begin after the time is over may take, together, in milliseconds. */
const lateMs = 1000;

export class Stopping {
  readonly #host: StopHost;
  readonly #failures: StopFailure[] = [];
  /** What is under way, by what messages call it. */
  readonly #underWay = new Map<Promise<void>, () => string>();
  readonly #expired: Promise<void>;
  #expire!: () => void;
  /** What is not waited for any more; there when the time is over. */
  #hanging: ReadonlySet<Promise<void>> | undefined;
  /** Handlers that took longer than their component allows. */
  readonly #abandoned = new Set<EventHandler>();
  #over = false;

  constructor(host: StopHost) {
    this.#host = host;
    this.#expired = new Promise((resolve) => {
      this.#expire = resolve;
    });
  }

  /** Resolves with what failed when everything is undone, or given up. */
  async run(limitMs: number): Promise<readonly StopFailure[]> {
    const warning = startTimer(warningMs, () => this.#warn());
    const limit = startTimer(limitMs, () => {
      this.#hanging = new Set(this.#underWay.keys());
      this.failed(undefined, new StopTimeoutError(limitMs, this.#namesUnderWay(), this.#host.subject));
      this.#expire();
    });
    // Whoever called stop() gets on first: no teardown runs inside of that call.
    await Promise.resolve();
    await this.#takeBack();
    clearTimeout(warning);
    clearTimeout(limit);
    if (this.#hanging) await this.#waitForLate(this.#hanging);
    this.#over = true;
    return this.#failures;
  }

  /** Keeps an error that came up while the application stops. */
  failed(component: ComponentNode | undefined, error: unknown): void {
    const name = component ? componentText(component) : this.#host.subject;
    // The errors are told one by one, whatever they were gathered in.
    for (const each of error instanceof TeardownError ? error.errors : [error]) {
      if (this.#over) this.#host.report(each);
      else this.#failures.push({ component: name, error: each });
    }
  }

  async #takeBack(): Promise<void> {
    const { plan, components, needs, begun, context, endedBy } = this.#host;
    const never = (error: unknown): never => {
      throw error;
    };
    const started = begun.filter((index) => components[plan.steps[index]!.node.index]!.planned.lastStep === index);
    const nodes = started.map((index) => plan.steps[index]!.node.index);
    await runInOrder(backwards(readyOrder(plan), nodes), (index) => this.#unready(components[index]!), never);
    await this.#drain(nodes);
    await runInOrder(backwards(needs, begun), (index) => this.#undo(plan.steps[index]!), never);
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
   * Has all events handled that are there, then ends the handlers one after the other, producers before those that
   * use them: what the operators of one give out then, and what its handling dispatches, finds the others listening.
   * Where the rest of the application goes on and so do its events, only those are handled that came before the end.
   */
  async #drain(nodes: readonly number[]): Promise<void> {
    const { plan, components, context } = this.#host;
    const goesOn = !context;
    const listening = nodes.filter((index) => components[index]!.handlers.length > 0);
    if (listening.length === 0) return;
    if (!goesOn) await this.#handleAll(listening);
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
        if (!goesOn) await this.#handleAll(listening);
      }
    }
  }

  /** The handling of an event may dispatch further ones; waits until all of them are handled. */
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

  /** Does a part of the stop, keeps its failure, and waits for it where there is something to wait for. */
  #attempt(
    component: RunningComponent | undefined,
    phase: () => string,
    part: () => unknown,
    givenUp?: () => void,
  ): Promise<void> | undefined {
    try {
      const result = part();
      return isThenable(result) ? this.#waitFor(result, component, phase, givenUp) : undefined;
    } catch (error) {
      this.failed(component?.node, error);
      return undefined;
    }
  }

  /**
   * Waits for a part of the stop, as long as there is time, and keeps its failure.
   *
   * @param givenUp - hears that the part took longer than the component allows
   */
  #waitFor(
    result: PromiseLike<unknown>,
    component: RunningComponent | undefined,
    phase: () => string,
    givenUp?: () => void,
  ): Promise<void> {
    const failed = (error: unknown): void => this.failed(component?.node, error);
    const { stopTimeout = 0 } = component?.timeouts ?? {};
    const name = component ? componentText(component.node) : this.#host.subject;
    const detail = (): string => withTeardown(phase(), component?.runningTeardown);
    const ended: Promise<void> = Promise.resolve(result)
      .then(() => undefined, failed)
      .then(() => {
        clearTimeout(limit);
        this.#underWay.delete(ended);
      });
    this.#underWay.set(ended, () => `${name}, ${detail()}`);
    let limit: NodeJS.Timeout | undefined;
    if (!component || stopTimeout === 0) return Promise.race([ended, this.#expired]);
    const passed = new Promise<void>((resolve) => {
      limit = startTimer(stopTimeout, () => {
        this.#underWay.delete(ended);
        givenUp?.();
        failed(new StopTimeoutError(stopTimeout, [detail()], componentText(component.node)));
        resolve();
      });
    });
    return Promise.race([ended, this.#expired, passed]);
  }

  #namesUnderWay(): string[] {
    return Array.from(this.#underWay.values(), (nameNow) => nameNow());
  }

  #warn(): void {
    const hanging = this.#namesUnderWay();
    this.#host.logger.warn(`Still stopping after ${warningMs / 1000} s: ${hanging.join('; ')}`, { hanging });
  }

  /** What was begun when the time was over has a moment to end. */
  async #waitForLate(hanging: ReadonlySet<Promise<void>>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, lateMs);
    });
    await Promise.race([Promise.all([...this.#underWay.keys()].filter((each) => !hanging.has(each))), late]);
    clearTimeout(timer);
  }
}

/** A part of the stop, with the callback or task that it waits for; the rest of a hook has the name of its part. */
function withTeardown(phase: string, teardown: string | undefined): string {
  return teardown === undefined || teardown === phase ? phase : `${phase}: ${teardown}`;
}
