/**
 * Finds parameters that have no `@inject` and for which the runtime has no value. A parameter without `@inject` is
 * recognized by its position, and by its type where the compiler emitted it.
 */
import type { Declarations, NeedDeclaration, UndeclaredParameter } from './declaration-types.ts';
import type { Site } from './place.ts';

type Class = abstract new (...args: never[]) => object;
type Called = Pick<Declarations, 'component' | 'needs' | 'hooks' | 'providers' | 'tasks' | 'handlers' | 'healthChecks'>;

/** The values that the runtime passes to the parameters without `@inject`, in order. */
type Passed = ReadonlyArray<'AbortSignal' | 'Context' | 'event'>;

/** Returns the parameters of the constructor and of the called methods that would receive no value, or a wrong one. */
export function undeclaredParameters(
  type: Class,
  declarations: Called,
  inherited: readonly UndeclaredParameter[],
): UndeclaredParameter[] {
  const found = undeclaredOfConstructor(type, declarations, inherited);
  const { needs, hooks, providers, tasks, handlers, healthChecks } = declarations;
  const check = (member: PropertyKey, passed: Passed, site: Site): void => {
    const free = parametersWithoutInject(type, member, needs);
    if (free.length > 0) found.push(...unfitting(emittedTypes(type, member), free, { member, passed, site }));
  };
  for (const member of hooks) check(member, passedTo.hook, {});
  for (const { member, scope, site } of providers) {
    if (member !== undefined) check(member, scope === 'context' ? passedTo.factory : passedTo.provider, site);
  }
  for (const { member, site } of tasks) check(member, passedTo.task, site);
  for (const { member, site } of healthChecks) check(member, passedTo.task, site);
  for (const { member, site } of handlers) check(member, passedTo.handler, site);
  return found;
}

const passedTo = {
  hook: ['AbortSignal'],
  provider: ['AbortSignal'],
  factory: ['Context'],
  task: ['AbortSignal', 'Context'],
  handler: ['event', 'Context'],
} satisfies Record<string, Passed>;

/** Returns the parameters without `@inject` that receive no value, or one that does not fit the emitted type. */
function unfitting(
  types: ReadonlyArray<{ readonly name: string } | undefined> | undefined,
  free: readonly number[],
  { member, passed, site }: { readonly member: PropertyKey; readonly passed: Passed; readonly site: Site },
): UndeclaredParameter[] {
  return free.flatMap((index, nth): UndeclaredParameter[] => {
    const receives = passed[nth];
    if (receives === undefined) return [{ member, index, site, passed }];
    if (fits(types?.[index], receives)) return [];
    return [{ member, index, site, passed, receives, wants: types![index]!.name }];
  });
}

/**
 * A subclass without a constructor has a length of 0, as has one whose constructor takes nothing. Only if the base class
 * injects its other parameters, it is assumed that the subclass inherits the constructor.
 */
function undeclaredOfConstructor(
  { length }: Class,
  { component, needs }: Called,
  inherited: readonly UndeclaredParameter[],
): UndeclaredParameter[] {
  if (length === 0 && inherited.length === 0) return [];
  const declared = needs.filter(({ member, index }) => member === undefined && index !== undefined);
  if (length === 0) {
    return inherited.filter(({ member, inversify }) => member === undefined && (inversify || declared.length > 0));
  }
  const indexes = new Set(declared.map(({ index }) => index));
  const site = declared[0]?.site ?? component?.site ?? {};
  return Array.from({ length }, (_, index) => ({ member: undefined, index, site })).filter(
    ({ index }) => !indexes.has(index),
  );
}

/** Returns the indexes of a method's parameters that have no `@inject`. Those after a default value are not counted. */
export function parametersWithoutInject(
  { prototype }: Class,
  member: PropertyKey,
  needs: readonly NeedDeclaration[],
): number[] {
  const method = (prototype as Record<PropertyKey, unknown>)[member];
  const length = typeof method === 'function' ? method.length : 0;
  const free: number[] = [];
  for (let index = 0; index < length; index++) {
    if (!needs.some((need) => need.member === member && need.index === index)) free.push(index);
  }
  return free;
}

/** Returns the types of a decorated method's parameters, if the compiler emitted them and the Reflect API is loaded. */
function emittedTypes(
  { prototype }: Class,
  member: PropertyKey,
): ReadonlyArray<{ name: string } | undefined> | undefined {
  const { getMetadata } = Reflect as { getMetadata?: (key: string, target: object, member: PropertyKey) => unknown };
  const types = getMetadata?.('design:paramtypes', prototype as object, member);
  return Array.isArray(types) ? (types as ReadonlyArray<{ name: string } | undefined>) : undefined;
}

/** The names of the classes of a passed value. `Object` is also the type that the compiler emits for types without a class. */
const fitting: Readonly<Record<Exclude<Passed[number], 'event'>, readonly string[]>> = {
  AbortSignal: ['AbortSignal', 'EventTarget', 'Object'],
  Context: ['Context', 'Object'],
};

/** Compares by name, so that the `Context` of another installed copy fits. The class of an event is not known. */
function fits(type: { readonly name: string } | undefined, receives: Passed[number]): boolean {
  return typeof type !== 'function' || receives === 'event' || fitting[receives].includes(type.name);
}
