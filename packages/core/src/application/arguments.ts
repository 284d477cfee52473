/**
 * Calls the constructors and methods of components with their needs. A parameter with `@inject` receives its resource.
 * The other parameters receive, in order, the values that the runtime passes: the event, the abort signal, the context.
 */
import type { NeedDeclaration } from '../component/declaration-types.ts';
import type { Context } from '../context/context.ts';
import type { Key } from '../context/key.ts';
import { Pending } from '../context/pending.ts';
import { isThenable } from '../context/teardown.ts';
import { inPresentName } from '../signal/scope.ts';
import type { Need } from '../graph/plan.ts';

export type Parameters = ReadonlyArray<Need | undefined>;

/**
 * Returns the arguments of a call; a promise only if a resource is still being created.
 *
 * @param length - number of parameters that the function declares
 */
export function argumentsFor(
  parameters: Parameters | undefined,
  length: number,
  passed: readonly unknown[],
  context: Context,
): unknown[] | Promise<unknown[]> {
  if (!parameters) return passed.slice();
  const values: unknown[] = [];
  const least = Math.max(length, parameters.length);
  let taken = 0;
  for (let index = 0; index < least || taken < passed.length; index++) {
    const need = parameters[index];
    values.push(need ? valueFor(need, context) : passed[taken++]);
  }
  return allMade(values);
}

/** Returns the values after all of them were created; a promise only if one is still being created. */
export function allMade(values: unknown[]): unknown[] | Promise<unknown[]> {
  if (!values.some((value) => value instanceof Pending)) return values;
  return Promise.all(values.map((value) => (value instanceof Pending ? value.promise : value)));
}

/** Returns the value for a need, looked up in a context; a `Pending` while a factory creates it. */
export function valueFor(
  { declaration, key }: { declaration: Pick<NeedDeclaration, 'all' | 'deferred' | 'optional'>; key: Key },
  context: Context,
): unknown {
  if (declaration.all) {
    const all = context.getResources(key.id);
    return declaration.all === 'list' ? [...all.values()] : all;
  }
  if (declaration.deferred) {
    return {
      get: () =>
        declaration.optional ? context.findResource(key.id, key.name) : context.getResourceSync(key.id, key.name),
    };
  }
  const value = context.lookup(key.id, key.name);
  // The strict getter throws the error for a missing resource that the check could not foresee.
  return value === undefined && !declaration.optional ? context.getResourceSync(key.id, key.name) : value;
}

type Method = (...args: unknown[]) => unknown;

/** Calls a method with its needs from a context. Adds a promise only if a need is still being created. */
export function callMethod(
  instance: object,
  member: PropertyKey,
  parameters: Parameters | undefined,
  passed: readonly unknown[],
  context: Context,
): unknown {
  return callFound(instance, methodOf(instance, member), parameters, passed, context);
}

/** Returns a method, for callers that inspect it before {@link callFound}. */
export function methodOf(instance: object, member: PropertyKey): Method {
  return (instance as Record<PropertyKey, Method>)[member]!;
}

/** Calls a method that the caller has already looked up; otherwise like {@link callMethod}. */
export function callFound(
  instance: object,
  method: Method,
  parameters: Parameters | undefined,
  passed: readonly unknown[],
  context: Context,
): unknown {
  if (!parameters) return method.apply(instance, passed as unknown[]);
  const args = argumentsFor(parameters, method.length, passed, context);
  if (!isThenable(args)) return method.apply(instance, args);
  return args.then(inPresentName((values: unknown[]) => method.apply(instance, values)));
}

/**
 * Returns a function that calls a factory with its needs from the requesting context.
 *
 * @param throwIfUndone - throws if the component was stopped while the arguments were being created
 */
export function callerOf(
  instance: object,
  member: PropertyKey,
  parameters: Parameters | undefined,
  throwIfUndone: (asking: Context) => void,
): (asking: Context) => unknown {
  const method = methodOf(instance, member);
  if (!parameters) return (asking) => method.call(instance, asking);
  return (asking) => {
    const args = argumentsFor(parameters, method.length, [asking], asking);
    if (!isThenable(args)) return method.apply(instance, args);
    const call = (values: unknown[]): unknown => {
      throwIfUndone(asking);
      return method.apply(instance, values);
    };
    return args.then(inPresentName(call));
  };
}
