/**
 * Runs the phases of one component and undoes them: its constructor, hooks and providers, its handlers and its tasks.
 * It must not decide about order; `Starting` and `Stopping` do.
 */
import type { ComponentSetup } from '../component/component.ts';
import type { Hook, ProviderDeclaration } from '../component/declaration-types.ts';
import type { Logger } from '../component/logger.ts';
import type { Context } from '../context/context.ts';
import { keepsCurrent } from '../context/current.ts';
import { isThenable } from '../context/teardown.ts';
import { componentName, ComponentNode } from '../graph/component-node.ts';
import type { Handler, Phase, PlannedComponent, Provider, Step, StepIndex } from '../graph/plan.ts';
import { callAs, type Ending, type SubscriptionOwner } from '../signal/scope.ts';
import { ComponentActivity } from './component-activity.ts';
import { ComponentCalls } from './component-calls.ts';
import { ComponentContext } from './component-context.ts';
import { DeliveryHandler } from './delivery-handler.ts';
import { listenTo, type RunningHandler } from './handlers.ts';
import { FactoryPublication, HookRun, Publication } from './publication.ts';
import type { Runtime } from './runtime.ts';
import { UndoLog } from './undo-log.ts';

export class RunningComponent implements ComponentSetup, SubscriptionOwner {
  readonly planned: PlannedComponent;
  readonly activity: ComponentActivity;
  readonly handlers: RunningHandler[] = [];
  readonly #runtime: Runtime;
  readonly #calls: ComponentCalls;
  readonly #undos = new UndoLog();
  #context: ComponentContext | undefined;
  #logger: Logger | undefined;
  /** Why the component ends; set when the abort is requested. */
  #ending: { readonly reason: unknown } | undefined;
  #isOver = false;

  constructor(planned: PlannedComponent, runtime: Runtime) {
    this.planned = planned;
    this.activity = new ComponentActivity(planned, runtime.events);
    this.#runtime = runtime;
    this.#calls = new ComponentCalls(planned, this, runtime.context);
  }

  get node(): ComponentNode {
    return this.planned.node;
  }

  get path(): string {
    return this.node.path;
  }

  get alias(): string {
    return this.node.alias;
  }

  get config(): object {
    return ComponentNode.configOf(this.node);
  }

  get logger(): Logger {
    return (this.#logger ??= this.#runtime.logger.child(this.path));
  }

  /** The component's context, created on first use. */
  get context(): ComponentContext {
    return (this.#context ??= this.#makeContext());
  }

  #makeContext(): ComponentContext {
    const context = new ComponentContext(this.#runtime, this.activity, this);
    if (this.#ending) context.cancel(this.#ending.reason);
    if (this.#isOver) context.abandon();
    return context;
  }

  /** Whether the component does its work: it is ready and no stop has aborted it. */
  get isReady(): boolean {
    return this.activity.state === 'ready' && this.#ending === undefined;
  }

  /** The label of the context's teardown that is running now. */
  get runningTeardown(): string | undefined {
    return this.#context?.lifetime.teardowns.running;
  }

  /** The time limits that its class declares. */
  get timeouts(): { readonly startTimeout?: number; readonly stopTimeout?: number } {
    return this.node.declarations.component?.options ?? {};
  }

  /** Fires the component's abort signal, because the start is aborted or the component stops. */
  abort(reason: unknown): void {
    this.#ending ??= { reason };
    this.#context?.cancel(reason);
  }

  /** Called after the stop. Abandoned code can no longer publish, and all its publications are withdrawn. */
  end(): void {
    this.#isOver = true;
    this.#context?.abandon();
    this.#undos.withdrawAll();
  }

  /** Owns a subscription that the component's code made before its first `await`; ends it with the component. */
  own(made: Ending): void {
    this.context.lifetime.own(made);
  }

  /** Runs one step; returns a promise only if the step has to be awaited. */
  run(step: Step): unknown {
    return this.#runPhase(step.index, () => this.#runStep(step));
  }

  /** Calls the `ready` hook. The undo of this phase also ends the tasks and the health checks. */
  ready(): unknown {
    const { tasks, healthChecks } = this.node.declarations;
    if (!this.#calls.has('ready') && tasks.length + healthChecks.length === 0) return undefined;
    return this.#runPhase('ready', () => this.#runHook('ready', 'ready'));
  }

  /** Starts the tasks, unless the component is already stopping. */
  startTasks(): void {
    if (this.planned.tasks.length > 0) callAs(this, () => this.#startTasks(), undefined);
  }

  /** Calls a health check with its needs from a context, which also owns the subscriptions of the method. */
  check(member: PropertyKey, context: Context): unknown {
    const call = (): unknown => this.#calls.callIn(context, member, context.abort);
    return callAs(context.lifetime, () => context.enter(call), undefined);
  }

  /** Returns a resource that `@provides` on the class declares and that nothing has published. */
  unpublished(): Provider | undefined {
    const { node } = this;
    const isByHand = (each: ProviderDeclaration): boolean => each.member === undefined && each.scope === 'application';
    if (!node.declarations.providers.some(isByHand)) return undefined;
    const { plan, context } = this.#runtime;
    return plan.providers.find(
      ({ node: by, declaration, ids, name }) =>
        by === node && isByHand(declaration) && ids.some((id) => !context.resources.has({ id, name })),
    );
  }

  /** The handlers that receive events only after `ready`, and until it is undone. */
  get deliveries(): DeliveryHandler[] {
    return this.handlers.filter((handler) => handler instanceof DeliveryHandler);
  }

  /** Subscribes a handler to the events of its resources, except deliveries. */
  listen(handler: Handler): void {
    this.handlers.push(...listenTo(handler, this.#calls, this.#runtime));
  }

  /** Undoes a phase. If it is still running, it is undone again when it ends. */
  undo(phase: Phase, error: unknown): unknown {
    if (this.activity.isRunning(phase)) this.#undos.undoWhenSettled(phase, this.#ending?.reason);
    const context = this.#context;
    if (phase === this.planned.firstStep) {
      // The context closes last, whether or not the constructor succeeded.
      return context?.state === 'open' ? context.close(error) : undefined;
    }
    if (!keepsCurrent()) return this.#undos.undo(phase, error);
    return (context ?? this.#runtime.context).enter(() => this.#undos.undo(phase, error));
  }

  /** Runs the component's code for one phase. */
  #runPhase(phase: Phase, code: () => unknown): unknown {
    this.activity.begin(phase);
    let result: unknown;
    try {
      result = callAs(this, keepsCurrent() ? () => this.context.enter(code) : code, undefined);
    } catch (error) {
      this.activity.end(phase);
      throw error;
    }
    if (!isThenable(result)) return this.activity.end(phase);
    this.activity.wait(phase);
    return this.#settle(phase, result);
  }

  /** Waits for a phase. If the phase was undone in the meantime, undoes its later effects as well. */
  async #settle(phase: Phase, running: PromiseLike<unknown>): Promise<void> {
    try {
      await running;
    } finally {
      this.activity.settle(phase);
      if (this.#undos.wasUndoneEarly(phase)) {
        try {
          await this.undo(phase, this.#ending?.reason);
        } catch (error) {
          this.#runtime.report(error);
        }
      }
    }
  }

  #runStep({ kind, index, provider }: Step): unknown {
    switch (kind) {
      case 'construct':
        return this.#calls.construct(this.#undos);
      case 'prepare':
        this.activity.enterHook('preparing', index);
        return this.#runHook(index, 'prepare');
      case 'provide':
        this.activity.enter('starting');
        return this.#provide(index, provider!);
      case 'start':
        this.activity.enterHook('starting', index);
        return this.#calls.has('start') ? this.#runHook(index, 'start') : undefined;
    }
  }

  #runHook(phase: Phase, hook: Hook): unknown {
    const run = new HookRun(this.context, hook);
    this.#undos.record(phase, run);
    return this.#calls.has(hook) ? run.take(this.#calls.call(hook)) : undefined;
  }

  #provide(step: StepIndex, provider: Provider): unknown {
    const { declaration } = provider;
    if (declaration.scope === 'context') {
      this.#undos.record(step, new FactoryPublication(provider, this.#runtime, this.#calls, this));
      return undefined;
    }
    const publication = new Publication(provider, this.#runtime, this.#undos);
    this.#undos.record(step, publication);
    return publication.take(this.#calls.call(declaration.member!));
  }

  #startTasks(): void {
    for (const { member, name, endsApplication } of this.planned.tasks) {
      // A task that started before may have stopped the application.
      if (this.#ending) return;
      const work = (abort: AbortSignal, context: Context): unknown => this.#calls.callIn(context, member, abort);
      const tool = async (abort: AbortSignal, context: Context): Promise<void> =>
        this.#runtime.completed(await work(abort, context), abort.aborted);
      this.context.startServiceTask(endsApplication ? tool : work, {
        name: name ?? `${componentName(this.node)}.${String(member)}`,
      });
    }
  }
}
