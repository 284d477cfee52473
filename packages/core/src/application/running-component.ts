/**
 * One component while the application runs: has its instance made, its hooks and providers called, and takes all of
 * it back. It decides nothing about order; the application tells it when.
 */
import type { ComponentSetup } from '../component/component.ts';
import type { Hook } from '../component/declarations.ts';
import type { Context } from '../context/context.ts';
import type { FactoryOptions } from '../context/context-options.ts';
import { keepsCurrent } from '../context/current.ts';
import { defaultName, type Key, type ServiceIdentifier } from '../context/key.ts';
import { isThenable } from '../context/teardown.ts';
import { ComponentNode, componentText } from '../graph/component-node.ts';
import type { Handler, PlannedComponent, Provider, Step } from '../graph/plan.ts';
import { ComponentContext } from './component-context.ts';
import { construct } from './construct.ts';
import { HandlerError } from './errors.ts';
import { listenTo, type EventHandler } from './event-handler.ts';
import { HookRun } from './hook-run.ts';
import { callerOf, callFound, callMethod, methodOf, type Parameters } from './invoke.ts';
import type { ComponentState, StepState } from './lifecycle.ts';
import { changeOwner, inPresentName, type Ending, type SubscriptionOwner } from '../signal/owned.ts';
import type { Logger } from '../component/logger.ts';
import { Publication, type Publisher } from './publication.ts';

/** What a component asks of the application that it runs in. */
export interface ComponentHost {
  readonly context: Context;
  readonly logger: Logger;
  /** Waits for a key while the application starts; undefined when nobody may wait any more. */
  waitFor(component: RunningComponent, id: ServiceIdentifier<unknown>, name: string): Promise<void> | undefined;
  /** Hears of what the component publishes by hand. */
  published(component: RunningComponent, ids: ReadonlyArray<ServiceIdentifier<unknown>>, name: string): void;
  /** Hears of what the component looks up by hand. */
  looksUp(component: RunningComponent, id: ServiceIdentifier<unknown>, name: string): void;
  /** Hears of what it has, or need not wait for any more. */
  found(component: RunningComponent, id: ServiceIdentifier<unknown>, name: string): void;
  /** Says whose the signals of a published value are; gives what completes them. */
  adopt(value: unknown, key: Key): (() => void) | undefined;
  stateChanged(component: RunningComponent): void;
  stepChanged(component: RunningComponent, step: number | 'ready', state: StepState): void;
  /** Hears of what fails while the application goes on. */
  report(error: unknown): void;
  /** Hears of a tool's result when its work is done, which ends the application. */
  completed(result: unknown): void;
  /** Hears of what ends the application by its failure. */
  crashed(error: unknown, component: ComponentNode): void;
}

/** What is done and undone by itself: a step, by its index, or `ready` with the tasks. */
type Part = number | 'ready';

/** What can be taken back; safe to call again, for what has come since. */
interface Undoable {
  undo(error: unknown): unknown;
  /** Has a resource found no more. */
  withdraw?(): void;
}

/** What was done in a part, and what before that: a chain and no map, because most components have one. */
interface Done {
  readonly part: Part;
  readonly undoable: Undoable;
  readonly earlier: Done | undefined;
}

export class RunningComponent implements ComponentSetup, Publisher, SubscriptionOwner {
  readonly planned: PlannedComponent;
  readonly handlers: EventHandler[] = [];
  readonly #host: ComponentHost;
  /** How its hooks and providers are undone; the construction needs none, it is undone by closing the context. */
  #done: Done | undefined;
  /** What was taken back before it had ended. */
  readonly #takenBack: Part[] = [];
  readonly #underWay: Part[] = [];
  #context: ComponentContext | undefined;
  #logger: Logger | undefined;
  #instance: object | undefined;
  /** Why it is to end; there as soon as it is. */
  #ending: { readonly reason: unknown } | undefined;
  #isOver = false;
  /** The hook that runs, or ran last. */
  #hook: number | undefined;
  #state: ComponentState = 'initialized';
  #since = performance.now();
  /** How many of its steps are under way. */
  active = 0;

  constructor(host: ComponentHost, planned: PlannedComponent) {
    this.#host = host;
    this.planned = planned;
  }

  /** Made when it is first used: many components never need one. */
  get context(): ComponentContext {
    return (this.#context ??= this.#makeContext());
  }

  #makeContext(): ComponentContext {
    const context = new ComponentContext(
      {
        context: this.#host.context,
        describe: () => componentText(this.node),
        subscriptions: this,
        // What `prepare` publishes is for the children, who know nothing of the alias.
        nameNow: () => (this.#state === 'preparing' ? defaultName : this.node.resourceName),
        waitFor: (id, name) => this.#host.waitFor(this, id, name),
        published: (ids, name) => this.#host.published(this, ids, name),
        looksUp: (id, name) => this.#host.looksUp(this, id, name),
        found: (id, name) => this.#host.found(this, id, name),
        adopt: (value, key) => this.#host.adopt(value, key),
        crashed: (error) => this.#host.crashed(error, this.node),
      },
      this.name,
    );
    if (this.#ending) context.cancel(this.#ending.reason);
    if (this.#isOver) context.abandon();
    return context;
  }

  /** What messages call the teardown of its context that is waited for right now. */
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

  /** The limits that its class sets. */
  get timeouts(): { readonly startTimeout?: number; readonly stopTimeout?: number } {
    return this.node.declarations.component?.options ?? {};
  }

  /** The step to which that belongs which the component's code publishes by hand. */
  get publishingStep(): number {
    return this.#hook ?? this.planned.lastStep;
  }

  /** The steps whose code may be the one that runs; where there are several, nobody can tell them apart. */
  get stepsAtWork(): readonly number[] {
    const steps = this.#underWay.filter((part) => part !== 'ready');
    return steps.length > 0 ? steps : [this.planned.lastStep];
  }

  /** The one step whose code runs; undefined where it is none, or one of several. */
  get stepAtWork(): number | undefined {
    const [step, other] = this.#underWay.filter((part) => part !== 'ready');
    return other === undefined ? step : undefined;
  }

  get state(): ComponentState {
    return this.#state;
  }

  /** When the state began, as `performance.now()` counts. */
  get since(): number {
    return this.#since;
  }

  set state(state: ComponentState) {
    if (state === this.#state) return;
    this.#state = state;
    this.#since = performance.now();
    this.#host.stateChanged(this);
  }

  /** Tells its code that the start is given up, or that it stops. */
  abort(reason: unknown): void {
    this.#ending ??= { reason };
    this.#context?.cancel(reason);
  }

  /** Its stop is over: what was abandoned of it can publish nothing more, and nothing that it published is found. */
  end(): void {
    this.#isOver = true;
    this.#context?.abandon();
    for (let done = this.#done; done; done = done.earlier) done.undoable.withdraw?.();
  }

  /** Does one step; a promise only where there is something to wait for. */
  run(step: Step): unknown {
    return this.#perform(step.index, step);
  }

  #do({ kind, index, provider }: Step): unknown {
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

  /** Lets work in: calls `ready`, then begins the tasks. */
  ready(): unknown {
    if (!this.#has('ready') && this.planned.tasks.length === 0) return undefined;
    return this.#perform('ready', undefined);
  }

  #makeReady(): unknown {
    const called = this.#callHook('ready', 'ready');
    return isThenable(called) ? called.then(inPresentName(() => this.#startTasks())) : this.#startTasks();
  }

  /** Takes one step back, or with it everything that is under way in it when that ends. */
  undo(step: Step, error: unknown): unknown {
    return this.#takeBack(step.index, error);
  }

  /** Lets no more work in and waits for what runs. */
  unready(error: unknown): unknown {
    return this.#takeBack('ready', error);
  }

  /** Safe to call again, for what has come since. */
  #takeBack(part: Part, error: unknown): unknown {
    if (this.#underWay.includes(part)) this.#takenBack.push(part);
    const context = this.#context;
    if (part === this.planned.firstStep) {
      // It closes last, whether or not the constructor succeeded.
      return context?.state === 'open' ? context.close(error) : undefined;
    }
    let done = this.#done;
    while (done && done.part !== part) done = done.earlier;
    if (!done) return undefined;
    const { undoable } = done;
    if (!keepsCurrent()) return undoable.undo(error);
    return (context ?? this.#host.context).enter(() => undoable.undo(error));
  }

  #keepUndo(part: Part, undoable: Undoable): void {
    this.#done = { part, undoable, earlier: this.#done };
  }

  /** The subscriptions that its code makes, until it first waits, end with it. */
  own(made: Ending): void {
    this.context.own(made);
  }

  /** Runs code of the component: a step, or what belongs to `ready`. */
  #perform(part: Part, step: Step | undefined): unknown {
    this.#underWay.push(part);
    this.#host.stepChanged(this, part, 'begun');
    const former = changeOwner(this);
    let result: unknown;
    try {
      if (keepsCurrent()) result = this.context.enter(() => (step ? this.#do(step) : this.#makeReady()));
      else result = step ? this.#do(step) : this.#makeReady();
    } catch (error) {
      this.#ended(part);
      throw error;
    } finally {
      changeOwner(former);
    }
    if (!isThenable(result)) return this.#ended(part);
    this.#host.stepChanged(this, part, 'pending');
    return this.#settle(part, result);
  }

  #ended(part: Part): void {
    this.#underWay.splice(this.#underWay.indexOf(part), 1);
    this.#host.stepChanged(this, part, 'ended');
  }

  /** What ends when it has been taken back already leaves nothing behind. */
  async #settle(part: Part, running: PromiseLike<unknown>): Promise<void> {
    try {
      await running;
    } finally {
      this.#ended(part);
      if (this.#takenBack.includes(part)) {
        try {
          await this.#takeBack(part, this.#ending?.reason);
        } catch (error) {
          this.#host.report(error);
        }
      }
    }
  }

  checkInTime(part: Part): void {
    if (this.#takenBack.includes(part)) throw this.#ending?.reason;
  }

  #construct(part: Part): unknown {
    const made = construct(this.planned, this, this.#host.context, () => this.checkInTime(part));
    const keep = (instance: object): void => {
      this.#instance = instance;
    };
    return made instanceof Promise ? made.then(keep) : keep(made);
  }

  #has(hook: Hook): boolean {
    return this.node.declarations.hooks.includes(hook);
  }

  #callHook(part: Part, hook: Hook): unknown {
    const run = new HookRun(this.context, hook);
    this.#keepUndo(part, run);
    return this.#has(hook) ? run.take(this.#call(hook)) : undefined;
  }

  #provide(part: Part, provider: Provider): unknown {
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
      this.#keepUndo(part, { undo: withdraw, withdraw });
      return undefined;
    }
    const publication = new Publication(provider, context, this);
    this.#keepUndo(part, publication);
    return publication.take(this.#call(member));
  }

  /** Says whose the signals of a published value are; gives what completes them. */
  adopt(value: unknown, key: Key): (() => void) | undefined {
    return this.#host.adopt(value, key);
  }

  /** Calls a hook or a provider with its needs and, where it declares a parameter for it, the signal. */
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

  /** Begins to take the events of a handler's resources. */
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
    this.checkInTime('ready');
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
