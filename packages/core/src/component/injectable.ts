/**
 * Supports injecting an inversify class that no component provides: wraps it in a component whose only provider creates
 * the instance that the application shares. The class itself is not a component, so the runtime does not call its
 * methods with the names of hooks.
 */
import { isThenable } from '../context/teardown.ts';
import type { ComponentClass } from './component-options.ts';
import { declarationsOf, ownDeclarations } from './declarations.ts';
import type { Declarations, Misuse, NeedDeclaration } from './declaration-types.ts';
import { scopeOf } from './inversify-metadata.ts';

type Fields = Record<PropertyKey, unknown>;
type Method = () => unknown;

/** Returns a component class that provides an instance of an injectable class. */
export function injectableComponent(type: ComponentClass): ComponentClass {
  const declarations = declarationsOf(type);
  const needs = declarations.needs.filter((need) => !isOfMethod(need));
  const member = `new ${type.name}`;
  class InjectableComponent {}
  Object.defineProperty(InjectableComponent, 'name', { value: type.name });
  const create = (...values: unknown[]): unknown => createInstance(type, declarations, needs, values);
  Object.defineProperty(InjectableComponent.prototype, member, { value: create });
  const own = ownDeclarations(InjectableComponent);
  own.component = { options: { description: 'an injectable class' }, site: {} };
  // The provider receives all needs as parameters, whatever member of the class declares them.
  needs.forEach((need, index) => own.needs.push({ ...need, member, index, declaredFor: need }));
  const dispose = (value: object): unknown => endInstance(value, declarations);
  own.providers.push({ ids: [type], name: undefined, scope: 'application', dispose, member, site: {} });
  own.misuses.push(...declarations.misuses, ...misusesOf(type, declarations));
  own.undeclared.push(...declarations.undeclared);
  return InjectableComponent;
}

function isOfMethod({ member, index }: NeedDeclaration): boolean {
  return member !== undefined && index !== undefined;
}

/** Creates an instance in the order of inversify: constructor, properties, `@postConstruct`. */
function createInstance(
  type: ComponentClass,
  { lifecycle }: Declarations,
  needs: readonly NeedDeclaration[],
  values: readonly unknown[],
): unknown {
  const args: unknown[] = [];
  needs.forEach(({ member, index }, at) => {
    if (member === undefined) args[index!] = values[at];
  });
  const instance = new type(...args) as Fields;
  needs.forEach(({ member }, at) => {
    if (member !== undefined) instance[member] = values[at];
  });
  const postConstruct = lifecycle.filter(({ decorator }) => decorator === '@postConstruct()');
  const called = callAll(
    instance,
    postConstruct.map(({ member }) => member),
  );
  return isThenable(called) ? called.then(() => instance) : instance;
}

/** Disposes of an instance: `@preDestroy`, then `Symbol.asyncDispose` or `Symbol.dispose`. */
function endInstance(instance: object, { lifecycle }: Declarations): unknown {
  const ends: PropertyKey[] = lifecycle.flatMap(({ decorator, member }) =>
    decorator === '@preDestroy()' ? [member] : [],
  );
  const dispose = [Symbol.asyncDispose, Symbol.dispose].find((symbol) => symbol in instance);
  return callAll(instance as Fields, dispose === undefined ? ends : [...ends, dispose]);
}

/** Calls methods one after the other. Returns a promise only if one of them does. */
function callAll(instance: Fields, [member, ...others]: readonly PropertyKey[]): unknown {
  if (member === undefined) return undefined;
  const called = (instance[member] as Method)();
  return isThenable(called) ? called.then(() => callAll(instance, others)) : callAll(instance, others);
}

/** Returns the decorators that work only in a component, and a scope that a shared instance cannot have. */
function misusesOf(type: ComponentClass, { needs, providers, tasks, handlers, healthChecks }: Declarations): Misuse[] {
  const noComponent = {
    reason: 'the class is injected and is not a component',
    help: 'move it to a component that is listed in @component({ components })',
  };
  const scope = scopeOf(type);
  return [
    ...needs.filter(isOfMethod).map((need) => ({ decorator: '@inject()', ...need, ...noComponent })),
    ...providers.map(({ member, site }) => ({ decorator: '@provides()', member, site, ...noComponent })),
    ...tasks.map(({ member, site }) => ({ decorator: '@task()', member, site, ...noComponent })),
    ...handlers.map(({ all, member, site }) => ({
      decorator: all ? '@onAll()' : '@on()',
      member,
      site,
      ...noComponent,
    })),
    ...healthChecks.map(({ member, site }) => ({ decorator: '@health()', member, site, ...noComponent })),
    ...(scope === undefined || scope === 'Singleton' ? [] : [manyInstances(type, scope)]),
  ];
}

function manyInstances({ name }: ComponentClass, scope: string): Misuse {
  return {
    decorator: `@injectable('${scope}')`,
    member: undefined,
    reason: 'the application creates one shared instance',
    help: `provide it from a component, once per context: @provides(${name}, { scope: 'context' })`,
    site: {},
  };
}
