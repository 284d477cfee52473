/**
 * Runs one stop of components: stops deliveries, undoes `ready` and the tasks, drains the handlers, then undoes the steps
 * in the stop order. All teardowns run, even if others fail or hang. It must not decide which components stop.
 */
import type { ComponentNode } from '../graph/component-node.ts';
import { readyOrder, usesOrder } from '../graph/component-order.ts';
import type { Step, StepIndex } from '../graph/plan.ts';
import { DeliveryHandler } from './delivery-handler.ts';
import type { RunningHandler } from './handlers.ts';
import type { RunningComponent } from './running-component.ts';
import type { Runtime } from './runtime.ts';
import { backwards, forwards, runInOrder, type Order } from './schedule.ts';
import type { StopFailure } from './start-stop-errors.ts';
import { TimedTeardowns } from './timed-teardowns.ts';

export interface StopRequest {
  /** Name of the subgraph in messages. */
  readonly subject: string;
  /** Whether the whole application stops, so that its context closes at the end. */
  readonly endsApplication: boolean;
  /** All components, by index. */
  readonly components: readonly RunningComponent[];
  /** The order in which the steps are undone. */
  readonly order: Order;
  /** The steps to undo, in the order in which they were started. */
  readonly startedSteps: readonly StepIndex[];
  /** The error that ended the application, which teardowns receive. */
  readonly endedBy: unknown;
}

export class Stopping {
  readonly #runtime: Runtime;
  readonly #request: StopRequest;
  readonly #teardowns: TimedTeardowns;

  constructor(runtime: Runtime, request: StopRequest) {
    this.#runtime = runtime;
    this.#request = request;
    this.#teardowns = new TimedTeardowns(runtime, request.subject);
  }

  /** Resolves with all failures when everything is undone or abandoned. */
  async run(): Promise<readonly StopFailure[]> {
    // Yield once so that no teardown runs synchronously inside `stop()`.
    await Promise.resolve();
    const { plan, context } = this.#runtime;
    const { components, order, startedSteps, endedBy, endsApplication } = this.#request;
    const never = (error: unknown): never => {
      throw error;
    };
    const started = startedSteps
      .map((index) => plan.steps[index]!)
      .filter(({ index, node }) => components[node.index]!.planned.lastStep === index)
      .map(({ node }) => node.index);
    await runInOrder(backwards(readyOrder(plan), started), (index) => this.#unready(components[index]!), never);
    await this.#drain(started);
    await runInOrder(order, (index) => this.#undo(plan.steps[index]!), never);
    if (endsApplication) await this.#teardowns.run(undefined, 'its context', () => context.close(endedBy));
    return this.#teardowns.finish();
  }

  /** Records an error that occurred during the stop. */
  failed(component: ComponentNode | undefined, error: unknown): void {
    this.#teardowns.failed(component, error);
  }

  #unready(component: RunningComponent): unknown {
    this.#enter(component, 'stopping');
    for (const handler of component.deliveries) handler.complete();
    return this.#teardowns.run(component, 'ready()', () => component.undo('ready', this.#request.endedBy));
  }

  #undo(step: Step): unknown {
    const component = this.#request.components[step.node.index]!;
    this.#enter(component, 'stopping');
    const undone = this.#teardowns.run(component, step, () => component.undo(step.index, this.#request.endedBy));
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
        if (!this.#teardowns.hasAbandoned(handler)) await this.#idle(components[index]!, handler);
        if (endsApplication) await this.#handleAll(listening);
      }
    }
  }

  /** Waits until all events are handled, including those that the handling itself dispatches. */
  async #handleAll(listening: readonly number[]): Promise<void> {
    const { components } = this.#request;
    while (!this.#teardowns.hasExpired) {
      const idle: Array<Promise<void>> = [];
      for (const index of listening) {
        for (const handler of components[index]!.handlers) {
          if (!handler.busy || this.#teardowns.hasAbandoned(handler)) continue;
          idle.push(this.#idle(components[index]!, handler));
        }
      }
      if (idle.length === 0) return;
      await Promise.all(idle);
    }
  }

  /** Waits for a handler. At the time limit, deliveries return to their source, so that they are not lost. */
  async #idle(component: RunningComponent, handler: RunningHandler): Promise<void> {
    await this.#teardowns.run(component, handler, () => handler.idle());
    if (handler instanceof DeliveryHandler && handler.busy) await handler.abandon();
  }
}
