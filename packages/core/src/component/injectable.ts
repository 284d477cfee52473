/**
 * Injects a class of inversify as it is: makes a component of it whose only provider makes the one instance that the
 * application shares. The class itself is no component, so methods of it that are called like hooks stay its own.
 */
import { isThenable } from '../context/teardown.ts';
import type { ComponentClass } from './component-class.ts';
import {
  declarationsOf,
  ownDeclarations,
  type Declarations,
  type Misuse,
  type NeedDeclaration,
} from './declarations.ts';
import { scopeOf } from './inversify-metadata.ts';

type Fields = Record<PropertyKey, unknown>;
type Method = () => unknown;

/** A component class that provides an instance of an injectable class. */
export function makerOf(type: ComponentClass): ComponentClass {
  const declarations = declarationsOf(type);
  const needs = declarations.needs.filter((need) => !isOfMethod(need));
  const member = `new ${type.name}`;
  class Maker {}
  Object.defineProperty(Maker, 'name', { value: type.name });
  const make = (...values: unknown[]): unknown => makeInstance(type, declarations, needs, values);
  Object.defineProperty(Maker.prototype, member, { value: make });
  const own = ownDeclarations(Maker);
  own.component = { options: { description: 'an injectable class' }, site: {} };
  // Whoever makes the instance takes its needs one after the other, wherever in the class they stand.
  needs.forEach((need, index) => own.needs.push({ ...need, member, index, declaredFor: need }));
  const dispose = (value: object): unknown => endInstance(value, declarations);
  own.providers.push({ ids: [type], name: undefined, scope: 'application', dispose, member, site: {} });
  own.misuses.push(...declarations.misuses, ...misusesOf(type, declarations));
  own.undeclared.push(...declarations.undeclared);
  return Maker;
}

function isOfMethod({ member, index }: NeedDeclaration): boolean {
  return member !== undefined && index !== undefined;
}

/** Makes an instance as inversify does: constructor, properties, `@postConstruct`. */
function makeInstance(
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
  const made = lifecycle.filter(({ decorator }) => decorator === '@postConstruct()');
  const called = callAll(
    instance,
    made.map(({ member }) => member),
  );
  return isThenable(called) ? called.then(() => instance) : instance;
}

/** Ends an instance: `@preDestroy`, then its own disposal. */
function endInstance(instance: object, { lifecycle }: Declarations): unknown {
  const ends: PropertyKey[] = lifecycle.flatMap(({ decorator, member }) =>
    decorator === '@preDestroy()' ? [member] : [],
  );
  const dispose = [Symbol.asyncDispose, Symbol.dispose].find((symbol) => symbol in instance);
  return callAll(instance as Fields, dispose === undefined ? ends : [...ends, dispose]);
}

/** Calls methods one after the other; a promise only where one of them gives one. */
function callAll(instance: Fields, [member, ...others]: readonly PropertyKey[]): unknown {
  if (member === undefined) return undefined;
  const called = (instance[member] as Method)();
  return isThenable(called) ? called.then(() => callAll(instance, others)) : callAll(instance, others);
}

/** What makes sense in a component alone, and what the one shared instance cannot give. */
function misusesOf(type: ComponentClass, { needs, providers, tasks, handlers }: Declarations): Misuse[] {
  const noComponent = {
    reason: 'the class is injected and is no component',
    help: 'move it into a component, and name that in @component({ components })',
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
    ...(scope === undefined || scope === 'Singleton' ? [] : [manyInstances(type, scope)]),
  ];
}

function manyInstances({ name }: ComponentClass, scope: string): Misuse {
  return {
    decorator: `@injectable('${scope}')`,
    member: undefined,
    reason: 'an injectable class that no component provides is made once for the application',
    help: `have a component provide it, once for each context: @provides(${name}, { scope: 'context' })`,
    site: {},
  };
}
