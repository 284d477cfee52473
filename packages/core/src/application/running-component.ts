/**
 * One component while the application runs: makes the instance, calls its hooks and providers, and takes all of it
 * back. It decides nothing about order; the application tells it when.
 */
import { Component, withSetup } from '../component/component.ts';
import type { Context } from '../context/context.ts';
import { defaultName, identifierName, type ServiceIdentifier } from '../context/key.ts';
import { ResourceValueError } from '../context/errors.ts';
import { finishGenerator, isThenable, isYielding } from '../context/teardown.ts';
import type { ComponentNode } from '../graph/component-node.ts';
import type { Handler, PlannedComponent, Provider, Step } from '../graph/plan.ts';
import { Signal } from '../signal/signal.ts';
import { ComponentContext } from './component-context.ts';
import { HandlerError, SubscriberError } from './errors.ts';
import { EventHandler } from './event-handler.ts';
import { argumentsFor, callMethod, valueFor } from './invoke.ts';
import type { ComponentState } from './lifecycle.ts';
import type { Logger } from './logger.ts';

/** What a component asks of the application that it runs in. */
export interface ComponentHost {
  readonly context: Context;
  readonly logger: Logger;
  /** Fires when the start is given up. */
  readonly abort: AbortSignal;
  /** Waits for a key while the application starts; undefined when nobody may wait any more. */
  waitFor(component: RunningComponent, id: ServiceIdentifier<unknown>, name: string): Promise<void> | undefined;
  stateChanged(component: RunningComponent): void;
  /** Hears of what fails while the application goes on. */
  report(error: unknown): void;
  /** Hears of what ends the application. */
  crashed(error: unknown): void;
}

type Undo = (error: unknown) => unknown;

export class RunningComponent {
  readonly planned: PlannedComponent;
  readonly #host: ComponentHost;
  readonly #undo = new Map<number, Undo>();
  readonly #handlers: EventHandler[] = [];
  #context: ComponentContext | undefined;
  #instance: object | undefined;
  #readyMark: number | undefined;
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
    return (this.#context ??= new ComponentContext(
      {
        context: this.#host.context,
        // What `prepare` publishes is for the children, who know nothing of the alias.
        nameNow: () => (this.#state === 'preparing' ? defaultName : this.node.resourceName),
        waitFor: (id, name) => this.#host.waitFor(this, id, name),
        adopt: (value, id) => adoptSignals(value, identifierName(id), this.#host),
        crashed: (error) => this.#host.crashed(error),
      },
      this.name,
    ));
  }

  /** The component's path; for the root, its class. */
  get name(): string {
    return this.node.path === '' ? this.node.type.name : this.node.path;
  }

  get node(): ComponentNode {
    return this.planned.node;
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

  /** Does one step; a promise only where there is something to wait for. */
  run(step: Step): unknown {
    switch (step.kind) {
      case 'construct':
        return this.#construct(step);
      case 'prepare':
        this.state = 'preparing';
        return this.#callHook(step, 'prepare');
      case 'provide':
        this.state = 'starting';
        return step.provider!.declaration.scope === 'context'
          ? this.#publishFactory(step, step.provider!)
          : this.#publish(step, step.provider!);
      case 'start':
        this.state = 'starting';
        return this.#has('start') ? this.#callHook(step, 'start') : undefined;
    }
  }

  /** Takes one step back. */
  undo(step: Step, error: unknown): unknown {
    const undo = this.#undo.get(step.index);
    this.#undo.delete(step.index);
    return undo?.(error);
  }

  #construct(step: Step): unknown {
    const { node, planned } = this;
    const { type } = node;
    // The context closes last, whether or not the constructor succeeds.
    this.#undo.set(step.index, (error) => this.#context?.close(error));
    const make = (args: readonly unknown[]): void => {
      const { path, alias, config } = node;
      const setup = { path, alias, config, context: () => this.context, logger: () => this.#host.logger.child(path) };
      const construct = (): object => new type(...args);
      const instance = type.prototype instanceof Component ? withSetup(setup, construct) : construct();
      for (const need of planned.wiring.properties) {
        (instance as Record<PropertyKey, unknown>)[need.declaration.member!] = valueFor(need, this.#host.context);
      }
      this.#instance = instance;
    };
    const args = argumentsFor(planned.wiring.constructor, type.length, [], this.#host.context);
    return isThenable(args) ? args.then(make) : make(args);
  }

  #has(hook: string): boolean {
    return typeof (this.#instance as Record<string, unknown>)[hook] === 'function';
  }

  /** Calls a hook; what it adds to the context's teardown is undone with its step. */
  #callHook(step: Step | undefined, hook: 'prepare' | 'start' | 'ready'): unknown {
    const mark = this.context.teardownMark;
    if (step) this.#undo.set(step.index, (error) => this.#unwind(mark, error));
    const result = callMethod(this.#instance!, hook, this.planned.wiring.methods.get(hook), [this.#host.abort], this.#host.context);
    const label = `${hook}()`;
    return isThenable(result) ? result.then((made) => this.#begin(made, label)) : this.#begin(result, label);
  }

  /** Runs a hook that is a generator up to its `yield`. */
  #begin(result: unknown, label: string): unknown {
    if (!isYielding(result)) return undefined;
    const keep = ({ done }: IteratorResult<unknown>): void => {
      if (done !== true) this.context.finishOnTeardown(result, label);
    };
    const first = result.next();
    return isThenable(first) ? first.then(keep) : keep(first);
  }

  async #unwind(mark: number, error: unknown): Promise<void> {
    const errors: unknown[] = [];
    await this.context.unwindTo(mark, error, errors);
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} teardown callbacks failed`);
  }

  /** Calls a provider and publishes what it gives. */
  #publish(step: Step, provider: Provider): unknown {
    const { ids, name, declaration } = provider;
    const label = `${String(declaration.member)}()`;
    const { context } = this.#host;
    const keep = (value: unknown, rest?: Undo): void => {
      // First of all the teardown: publishing may fail, and what was made must go all the same.
      let complete: (() => void) | undefined;
      this.#undo.set(step.index, async (error) => {
        complete?.();
        await rest?.(error);
        await (declaration.dispose as ((made: unknown, error?: unknown) => unknown) | undefined)?.(value, error);
        if (complete !== undefined || published) context.removeResource(ids, name);
      });
      let published = false;
      if (value === null || value === undefined) throw new ResourceValueError(ids[0]!, value, `\`${label}\``);
      context.addResource(ids as [ServiceIdentifier<unknown>], value, { name });
      published = true;
      complete = adoptSignals(value, identifierName(ids[0]!), this.#host);
    };
    const take = (result: unknown): unknown => {
      if (!isYielding(result)) return keep(result);
      const rest = finishGenerator(result, label).undo;
      const first = result.next();
      const keepFirst = ({ done, value }: IteratorResult<unknown>): void => (done === true ? keep(undefined) : keep(value, rest));
      return isThenable(first) ? first.then(keepFirst) : keepFirst(first);
    };
    const result = callMethod(this.#instance!, declaration.member!, this.#parameters(declaration.member!), [this.#host.abort], context);
    return isThenable(result) ? result.then(take) : take(result);
  }

  /** Publishes a method as the factory that every context calls for itself. */
  #publishFactory(step: Step, { ids, name, declaration }: Provider): void {
    const { context } = this.#host;
    const member = declaration.member!;
    const parameters = this.#parameters(member);
    const dispose = declaration.dispose as ((made: unknown, error?: unknown) => unknown) | undefined;
    const make = (asking: Context): unknown => {
      const result = callMethod(this.#instance!, member, parameters, [asking], asking);
      if (!dispose) return result;
      const keep = (value: unknown): unknown => {
        asking.addTeardown(`dispose of ${identifierName(ids[0]!)}`, (error) => dispose(value, error));
        return value;
      };
      return isThenable(result) ? result.then(keep) : keep(result);
    };
    context.addResourceFactory(ids as [ServiceIdentifier<unknown>], make, { name });
    this.#undo.set(step.index, () => context.removeResource(ids, name));
  }

  #parameters(member: PropertyKey): PlannedComponent['wiring']['constructor'] | undefined {
    return this.planned.wiring.methods.get(member);
  }

  /** Begins to take events. All handlers do, before any component lets work in, so that no event is missed. */
  listen(): void {
    for (const handler of this.planned.handlers) {
      for (const key of handler.keys) {
        const resource = this.#host.context.getResourceSync(key.id, key.name);
        this.#handlers.push(this.#handle(handler, resource, key.name));
      }
    }
  }

  #handle({ declaration }: Handler, resource: unknown, name: string): EventHandler {
    const { member, concurrency } = declaration;
    const parameters = this.#parameters(member);
    const select = declaration.select as (resource: unknown, name: string) => ConstructorParameters<typeof EventHandler>[1];
    return new EventHandler(this.#host.context, select(resource, name), {
      name: `${this.name}.${String(member)}`,
      concurrency,
      handle: (event, context) => callMethod(this.#instance!, member, parameters, [event, context], context),
      failed: (error) => this.#host.report(new HandlerError(this.node, member, error)),
    });
  }

  get hasWork(): boolean {
    return this.#has('ready') || this.planned.tasks.length > 0;
  }

  /** Lets work in: calls `ready`, then begins the tasks. */
  ready(): unknown {
    this.#readyMark = this.context.teardownMark;
    if (!this.#has('ready')) return this.#startTasks();
    const result = this.#callHook(undefined, 'ready');
    return isThenable(result) ? result.then(() => this.#startTasks()) : this.#startTasks();
  }

  #startTasks(): void {
    for (const { member, name } of this.planned.tasks) {
      const parameters = this.#parameters(member);
      this.context.startServiceTask(
        (abort, context) => callMethod(this.#instance!, member, parameters, [abort, context], context),
        { name: name ?? `${this.name}.${String(member)}` },
      );
    }
  }

  /** Lets no more work in and waits for what runs. */
  unready(error: unknown): unknown {
    return this.#readyMark === undefined ? undefined : this.#unwind(this.#readyMark, error);
  }

  /** Handles the events that are there still, and takes no more. */
  async drain(): Promise<void> {
    for (const handler of this.#handlers.splice(0)) await handler.drain();
  }
}

/** Says whose the signals of a published value are; gives what completes them. */
function adoptSignals(value: unknown, name: string, host: ComponentHost): (() => void) | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Signal.adopt(value, { name, onError: (error, signal) => host.report(new SubscriberError(signal, error)) });
}
