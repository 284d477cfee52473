/**
 * Looks up the arguments of a call. A parameter with `@inject` receives its resource. The other parameters receive, in
 * order, the values that the runtime passes: the event, the abort signal, the context.
 */
import type { NeedDeclaration } from '../component/declaration-types.ts';
import type { Context } from '../context/context.ts';
import type { Key } from '../context/key.ts';
import { Pending } from '../context/factory-cache.ts';
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
  if (!parameters || parameters.length === 0) return passed.slice();
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
      get: () => {
        const found = context.findResource(key.id, key.name);
        if (found === undefined && !declaration.optional) throw context.resources.notFound(key, 'deferred');
        return found;
      },
    };
  }
  const value = context.lookup(key.id, key.name);
  // The strict getter throws the error for a missing resource that the check could not foresee.
  return value === undefined && !declaration.optional ? context.getResourceSync(key.id, key.name) : value;
}
