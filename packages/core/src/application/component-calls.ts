/** Constructs the instance of a component and injects its constructor parameters and properties. */
import { Component, constructComponent, type ComponentSetup } from '../component/component.ts';
import type { Hook } from '../component/declaration-types.ts';
import type { Context } from '../context/context.ts';
import { isThenable } from '../context/teardown.ts';
import { inPresentName } from '../signal/scope.ts';
import type { PlannedComponent } from '../graph/plan.ts';
import { HookPropertyError } from './start-stop-errors.ts';
import { allMade, argumentsFor, valueFor } from './arguments.ts';

const hooks: readonly Hook[] = ['prepare', 'start', 'ready'];

/**
 * Creates an instance; returns a promise only if a needed resource is still being created.
 *
 * @param setup - values for the fields of a `Component`; other classes receive none
 * @param context - context in which the needs are looked up
 * @param throwIfUndone - throws if the step was undone before the constructor could run
 */
export function construct(
  { node, wiring }: PlannedComponent,
  setup: ComponentSetup,
  context: Context,
  throwIfUndone: () => void,
): object | Promise<object> {
  const { type } = node;
  const make = (args: readonly unknown[]): object | Promise<object> => {
    throwIfUndone();
    const instance: object =
      type.prototype instanceof Component ? constructComponent(setup, type, args) : new type(...args);
    const hidden = hooks.find((hook) => Object.hasOwn(instance, hook));
    if (hidden) throw new HookPropertyError(node, hidden);
    return fill(instance, wiring.properties, context);
  };
  const args = argumentsFor(wiring.constructor, type.length, [], context);
  return isThenable(args) ? args.then(inPresentName(make)) : make(args);
}

function fill(
  instance: object,
  properties: PlannedComponent['wiring']['properties'],
  context: Context,
): object | Promise<object> {
  if (properties.length === 0) return instance;
  const set = (values: readonly unknown[]): object => {
    properties.forEach(({ declaration }, index) => {
      (instance as Record<PropertyKey, unknown>)[declaration.member!] = values[index];
    });
    return instance;
  };
  const values = allMade(properties.map((need) => valueFor(need, context)));
  return isThenable(values) ? values.then(set) : set(values);
}
