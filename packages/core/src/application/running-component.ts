/**
 * Runs one component: constructs its instance, calls its hooks and providers, starts its handlers and tasks, and undoes
 * all of that. It must not decide about order; `Starting` and `Stopping` do.
 */
import type { ComponentSetup } from '../component/component.ts';
import type { Hook } from '../component/declaration-types.ts';
import type { Context } from '../context/context.ts';
import type { FactoryOptions } from '../context/context-options.ts';
import { keepsCurrent } from '../context/current.ts';
import { defaultName, type Key, type ServiceIdentifier } from '../context/key.ts';
import { isThenable } from '../context/teardown.ts';
import { ComponentNode, componentText } from '../graph/component-node.ts';
import type { Handler, PlannedComponent, Provider, Step } from '../graph/plan.ts';
import { ComponentContext } from './component-context.ts';
import { construct } from './component-calls.ts';
import { HandlerError } from './errors.ts';
import { listenTo, type EventHandler } from './event-handler.ts';
import { HookRun, Publication, type Publisher } from './publication.ts';
import { callerOf, callFound, callMethod, methodOf, type Parameters } from './arguments.ts';
import type { ComponentState, StepState } from './lifecycle.ts';
import { callAs, inPresentName, type Ending, type SubscriptionOwner } from '../signal/scope.ts';
import type { Logger } from '../component/logger.ts';

/** The operations that a component needs from its application. */
export interface ComponentHost {
  readonly context: Context;
  readonly logger: Logger;
  /** Waits for a key while the application starts; returns `undefined` once lookups no longer wait. */
  waitFor(component: RunningComponent, id: ServiceIdentifier<unknown>, name: string): Promise<void> | undefined;
  /** Called when the component publishes keys explicitly. */
  published(component: RunningComponent, ids: ReadonlyArray<ServiceIdentifier<unknown>>, name: string): void;
  /** Called when the component looks up a key dynamically. */
  onLookup(component: RunningComponent, id: ServiceIdentifier<unknown>, name: string): void;
  /** Called when a dynamic lookup has its resource or no longer waits for it. */
  onResolved(component: RunningComponent, id: ServiceIdentifier<unknown>, name: string): void;
  /** Assigns the signals of a published value to their owner; returns a function that completes them. */
  adopt(value: unknown, key: Key): (() => void) | undefined;
  stateChanged(component: RunningComponent): void;
  stepChanged(component: RunningComponent, step: number | 'ready', state: StepState): void;
  /** Called with errors that do not end the application. */
  report(error: unknown): void;
  /** Called with a tool's result when the tool has finished, which ends the application. */
  completed(result: unknown): void;
  /** Called with an error that ends the application. */
  crashed(error: unknown, component: ComponentNode): void;
}

/** A unit that runs and is undone by itself: a step, by its index, or `ready` with the tasks. */
type Phase = number | 'ready';

/** The undo of a phase. A second call undoes only later additions. */
interface Undoable {
  undo(error: unknown): unknown;
  /** Removes a resource from the context. */
  withdraw?(): void;
}

/** A linked list of the undos of a component's phases, the latest first. */
interface Done {
  readonly phase: Phase;
  readonly undoable: Undoable;
  readonly earlier: Done | undefined;
}

export class RunningComponent implements ComponentSetup, Publisher, SubscriptionOwner {
  readonly planned: PlannedComponent;
  readonly handlers: EventHandler[] = [];
  readonly #host: ComponentHost;
  /** The undos of hooks and providers. Construction has none, because closing the context undoes it. */
  #done: Done | undefined;
  /** The phases that were undone before they had ended. */
  readonly #undone: Phase[] = [];
  readonly #running: Phase[] = [];
  #context: ComponentContext | undefined;
  #logger: Logger | undefined;
  #instance: object | undefined;
  /** Why the component ends; set when the abort is requested. */
  #ending: { readonly reason: unknown } | undefined;
  #isOver = false;
  /** The step of the hook that runs or ran last. */
  #hook: number | undefined;
  #state: ComponentState = 'initialized';
  #since = performance.now();
  /** The number of asynchronous phases in progress. */
  active = 0;

  constructor(host: ComponentHost, planned: PlannedComponent) {
    this.#host = host;
    this.planned = planned;
  }

  /** The component's context, created on first use. */
  get context(): ComponentContext {
    return (this.#context ??= this.#makeContext());
  }

  #makeContext(): ComponentContext {
    const context = new ComponentContext(
      {
        context: this.#host.context,
        describe: () => componentText(this.node),
        subscriptions: this,
        // `prepare` publishes for the children, which do not know the alias.
        nameNow: () => (this.#state === 'preparing' ? defaultName : this.node.resourceName),
        waitFor: (id, name) => this.#host.waitFor(this, id, name),
        published: (ids, name) => this.#host.published(this, ids, name),
        onLookup: (id, name) => this.#host.onLookup(this, id, name),
        onResolved: (id, name) => this.#host.onResolved(this, id, name),
        adopt: (value, key) => this.#host.adopt(value, key),
        crashed: (error) => this.#host.crashed(error, this.node),
      },
      this.name,
    );
    if (this.#ending) context.cancel(this.#ending.reason);
    if (this.#isOver) context.abandon();
    return context;
  }

  /** The label of the context's teardown that is running now. */
  get runningTeardown(): string | undefined {
    return this.#context?.runningTeardown;
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
    return (this.#logger ??= this.#host.logger.child(this.path));
  }

  /** The component's path; for the root, its class. */
  get name(): string {
    return this.node.path === '' ? this.node.type.name : this.node.path;
  }

  get node(): ComponentNode {
    return this.planned.node;
  }

  /** The time limits that its class declares. */
  get timeouts(): { readonly startTimeout?: number; readonly stopTimeout?: number } {
    return this.node.declarations.component?.options ?? {};
  }

  /** The step that owns resources which the component's code publishes explicitly now. */
  get ownerStep(): number {
    return this.#hook ?? this.planned.lastStep;
  }

  /** The steps whose code may be running now. If there are several, the runtime cannot distinguish them. */
  get currentSteps(): readonly number[] {
    const steps = this.#running.filter((phase) => phase !== 'ready');
    return steps.length > 0 ? steps : [this.planned.lastStep];
  }

  /** The step whose code is running; `undefined` if no step or several steps are in progress. */
  get currentStep(): number | undefined {
    const [step, other] = this.#running.filter((phase) => phase !== 'ready');
    return other === undefined ? step : undefined;
  }

  get state(): ComponentState {
    return this.#state;
  }

  /** The time of the last state change, from `performance.now()`. */
  get since(): number {
    return this.#since;
  }

  set state(state: ComponentState) {
    if (state === this.#state) return;
    this.#state = state;
    this.#since = performance.now();
    this.#host.stateChanged(this);
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
    for (let done = this.#done; done; done = done.earlier) done.undoable.withdraw?.();
  }

  /** Runs one step; returns a promise only if the step has to be awaited. */
  run(step: Step): unknown {
    return this.#runPhase(step.index, step);
  }

  #runStep({ kind, index, provider }: Step): unknown {
    switch (kind) {
      case 'construct':
        return this.#construct(index);
      case 'prepare':
        this.state = 'preparing';
        this.#hook = index;
        return this.#callHook(index, 'prepare');
      case 'provide':
        this.state = 'starting';
        return this.#provide(index, provider!);
      case 'start':
        this.state = 'starting';
        this.#hook = index;
        return this.#has('start') ? this.#callHook(index, 'start') : undefined;
    }
  }

  /** Calls the `ready` hook, then starts the tasks. */
  ready(): unknown {
    if (!this.#has('ready') && this.planned.tasks.length === 0) return undefined;
    return this.#runPhase('ready', undefined);
  }

  #makeReady(): unknown {
    const called = this.#callHook('ready', 'ready');
    return isThenable(called) ? called.then(inPresentName(() => this.#startTasks())) : this.#startTasks();
  }

  /** Undoes one step. If the step is still running, it is undone again when it ends. */
  undo(step: Step, error: unknown): unknown {
    return this.#undoPhase(step.index, error);
  }

  /** Undoes the `ready` hook and stops the tasks. */
  unready(error: unknown): unknown {
    return this.#undoPhase('ready', error);
  }

  /** Undoes a phase. A second call undoes only later additions. */
  #undoPhase(phase: Phase, error: unknown): unknown {
    if (this.#running.includes(phase)) this.#undone.push(phase);
    const context = this.#context;
    if (phase === this.planned.firstStep) {
      // The context closes last, whether or not the constructor succeeded.
      return context?.state === 'open' ? context.close(error) : undefined;
    }
    let done = this.#done;
    while (done && done.phase !== phase) done = done.earlier;
    if (!done) return undefined;
    const { undoable } = done;
    if (!keepsCurrent()) return undoable.undo(error);
    return (context ?? this.#host.context).enter(() => undoable.undo(error));
  }

  #keepUndo(phase: Phase, undoable: Undoable): void {
    this.#done = { phase, undoable, earlier: this.#done };
  }

  /** Owns a subscription that the component's code made before its first `await`; ends it with the component. */
  own(made: Ending): void {
    this.context.own(made);
  }

  /** Runs the component's code for one phase. */
  #runPhase(phase: Phase, step: Step | undefined): unknown {
    this.#running.push(phase);
    this.#host.stepChanged(this, phase, 'begun');
    const run = (): unknown => (step ? this.#runStep(step) : this.#makeReady());
    let result: unknown;
    try {
      result = callAs(this, () => (keepsCurrent() ? this.context.enter(run) : run()), undefined);
    } catch (error) {
      this.#ended(phase);
      throw error;
    }
    if (!isThenable(result)) return this.#ended(phase);
    this.#host.stepChanged(this, phase, 'pending');
    return this.#settle(phase, result);
  }

  #ended(phase: Phase): void {
    this.#running.splice(this.#running.indexOf(phase), 1);
    this.#host.stepChanged(this, phase, 'ended');
  }

  /** Waits for a phase. If the phase was undone in the meantime, undoes its later effects as well. */
  async #settle(phase: Phase, running: PromiseLike<unknown>): Promise<void> {
    try {
      await running;
    } finally {
      this.#ended(phase);
      if (this.#undone.includes(phase)) {
        try {
          await this.#undoPhase(phase, this.#ending?.reason);
        } catch (error) {
          this.#host.report(error);
        }
      }
    }
  }

  throwIfUndone(phase: Phase): void {
    if (this.#undone.includes(phase)) throw this.#ending?.reason;
  }

  #construct(phase: Phase): unknown {
    const made = construct(this.planned, this, this.#host.context, () => this.throwIfUndone(phase));
    const keep = (instance: object): void => {
      this.#instance = instance;
    };
    return made instanceof Promise ? made.then(keep) : keep(made);
  }

  #has(hook: Hook): boolean {
    return this.node.declarations.hooks.includes(hook);
  }

  #callHook(phase: Phase, hook: Hook): unknown {
    const run = new HookRun(this.context, hook);
    this.#keepUndo(phase, run);
    return this.#has(hook) ? run.take(this.#call(hook)) : undefined;
  }

  #provide(phase: Phase, provider: Provider): unknown {
    const { declaration, ids, name } = provider;
    const member = declaration.member!;
    const { context } = this.#host;
    if (declaration.scope === 'context') {
      const make = callerOf(this.#instance!, member, this.#parameters(member), (asking) =>
        factory.throwIfWithdrawn(asking.name),
      );
      const dispose = declaration.dispose as FactoryOptions<unknown>['dispose'];
      const factory = context.publishFactory(ids as [ServiceIdentifier<unknown>], make, { name, dispose }, this);
      const withdraw = (): void => context.withdraw(ids, name, factory, componentText(this.node));
      this.#keepUndo(phase, { undo: withdraw, withdraw });
      return undefined;
    }
    const publication = new Publication(provider, context, this);
    this.#keepUndo(phase, publication);
    return publication.take(this.#call(member));
  }

  /** Assigns the signals of a published value to their owner; returns a function that completes them. */
  adopt(value: unknown, key: Key): (() => void) | undefined {
    return this.#host.adopt(value, key);
  }

  /** Calls a hook or a provider with its needs and, if it declares another parameter, the abort signal. */
  #call(member: PropertyKey): unknown {
    const instance = this.#instance!;
    const method = methodOf(instance, member);
    const parameters = this.#parameters(member);
    let injected = 0;
    for (const need of parameters ?? []) if (need) injected++;
    const takesSignal = method.length > injected;
    return callFound(instance, method, parameters, takesSignal ? [this.context.abort] : [], this.#host.context);
  }

  #parameters(member: PropertyKey): Parameters | undefined {
    return this.planned.wiring.methods.get(member);
  }

  /** Subscribes a handler to the events of its resources. */
  listen(handler: Handler): void {
    const { member } = handler.declaration;
    const { context } = this.#host;
    const parameters = this.#parameters(member);
    const events = listenTo(handler, context, {
      name: `${this.name}.${String(member)}`,
      label: `${String(member)}()`,
      options: handler.declaration,
      handle: (event, own) => callMethod(this.#instance!, member, parameters, [event, own], own),
      failed: (error) => this.#host.report(new HandlerError(this.node, member, error)),
    });
    this.handlers.push(...events);
  }

  #startTasks(): void {
    this.throwIfUndone('ready');
    for (const { member, name, endsApplication } of this.planned.tasks) {
      const parameters = this.#parameters(member);
      const work = (abort: AbortSignal, context: Context): unknown =>
        callMethod(this.#instance!, member, parameters, [abort, context], context);
      const tool = async (abort: AbortSignal, context: Context): Promise<void> =>
        this.#host.completed(await work(abort, context));
      this.context.startServiceTask(endsApplication ? tool : work, { name: name ?? `${this.name}.${String(member)}` });
    }
  }
}
