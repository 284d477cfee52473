/**
 * Calls the code of one component with its needs: the constructor, then methods of the instance. It must not decide
 * when code runs; `RunningComponent` does.
 */
import { Component, constructComponent, type ComponentSetup } from '../component/component.ts';
import type { Hook } from '../component/declaration-types.ts';
import type { Context } from '../context/context.ts';
import { isThenable } from '../context/teardown.ts';
import type { ComponentNode } from '../graph/component-node.ts';
import type { PlannedComponent } from '../graph/plan.ts';
import { inPresentName } from '../signal/scope.ts';
import { allMade, argumentsFor, valueFor, type Parameters } from './arguments.ts';
import { HookPropertyError } from './errors.ts';
import type { UndoLog } from './undo-log.ts';

type Method = (...args: unknown[]) => unknown;

const hooks: readonly Hook[] = ['prepare', 'start', 'ready'];

export class ComponentCalls {
  readonly #planned: PlannedComponent;
  readonly #setup: ComponentSetup;
  readonly #context: Context;
  #instance: object | undefined;

  /**
   * @param setup - values for the fields of a `Component`; other classes receive none
   * @param context - context of the application
   */
  constructor(planned: PlannedComponent, setup: ComponentSetup, context: Context) {
    this.#planned = planned;
    this.#setup = setup;
    this.#context = context;
  }

  get node(): ComponentNode {
    return this.#planned.node;
  }

  /**
   * Creates the instance and injects its constructor parameters and properties. Returns a promise only if a needed
   * resource is still being created.
   */
  construct(undos: UndoLog): unknown {
    const { firstStep, wiring } = this.#planned;
    const args = argumentsFor(wiring.constructor, this.node.type.length, [], this.#context);
    if (!isThenable(args)) return this.#fill(this.#create(args));
    const create = (values: readonly unknown[]): unknown => {
      undos.throwIfUndone(firstStep);
      return this.#fill(this.#create(values));
    };
    return args.then(inPresentName(create));
  }

  #create(args: readonly unknown[]): object {
    const { type } = this.node;
    const instance: object =
      type.prototype instanceof Component ? constructComponent(this.#setup, type, args) : new type(...args);
    for (const hook of hooks) if (Object.hasOwn(instance, hook)) throw new HookPropertyError(this.node, hook);
    return instance;
  }

  /** Injects the properties, then keeps the instance. */
  #fill(instance: object): unknown {
    const { properties } = this.#planned.wiring;
    const keep = (values: readonly unknown[]): void => {
      properties.forEach(({ declaration }, index) => {
        (instance as Record<PropertyKey, unknown>)[declaration.member!] = values[index];
      });
      this.#instance = instance;
    };
    const values = allMade(properties.map((need) => valueFor(need, this.#context)));
    return isThenable(values) ? values.then(keep) : keep(values);
  }

  has(hook: Hook): boolean {
    return this.node.declarations.hooks.includes(hook);
  }

  /** Calls a hook or a provider. If it declares a parameter that is not injected, it receives the abort signal. */
  call(member: PropertyKey): unknown {
    const method = this.#method(member);
    const parameters = this.#parameters(member);
    let injected = 0;
    for (const need of parameters ?? []) if (need) injected++;
    const takesSignal = method.length > injected;
    return this.#apply(method, parameters, takesSignal ? [this.#setup.context.abort] : [], this.#context);
  }

  /** Calls a handler with an event, or a task with its abort signal. Its needs come from the given context. */
  callIn(context: Context, member: PropertyKey, passed: unknown): unknown {
    return this.#apply(this.#method(member), this.#parameters(member), [passed, context], context);
  }

  /**
   * Returns a function that calls a factory with its needs from the requesting context.
   *
   * @param throwIfWithdrawn - throws if the component was stopped while the arguments were being created
   */
  factory(member: PropertyKey, throwIfWithdrawn: (asking: Context) => void): (asking: Context) => unknown {
    const instance = this.#instance!;
    const method = this.#method(member);
    const parameters = this.#parameters(member);
    if (!parameters) return (asking) => method.call(instance, asking);
    return (asking) => {
      const args = argumentsFor(parameters, method.length, [asking], asking);
      if (!isThenable(args)) return method.apply(instance, args);
      const call = (values: unknown[]): unknown => {
        throwIfWithdrawn(asking);
        return method.apply(instance, values);
      };
      return args.then(inPresentName(call));
    };
  }

  /** Adds a promise only if a need is still being created. */
  #apply(method: Method, parameters: Parameters | undefined, passed: unknown[], context: Context): unknown {
    const instance = this.#instance!;
    if (!parameters) return method.apply(instance, passed);
    const args = argumentsFor(parameters, method.length, passed, context);
    if (!isThenable(args)) return method.apply(instance, args);
    return args.then(inPresentName((values: unknown[]) => method.apply(instance, values)));
  }

  #method(member: PropertyKey): Method {
    return (this.#instance as Record<PropertyKey, Method>)[member]!;
  }

  #parameters(member: PropertyKey): Parameters | undefined {
    return this.#planned.wiring.methods.get(member);
  }
}
