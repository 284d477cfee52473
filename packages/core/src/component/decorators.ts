/**
 * The decorators. Each one writes a record into the declarations of the class and does nothing else. `check` and the
 * application read the records later.
 */
import { refuseEnabled } from '../config/define.ts';
import type { ConfigSchema } from '../config/schema.ts';
import { checkName } from '../context/check-key.ts';
import { isIdentifier, type AnyIdentifier } from '../context/key.ts';
import { IdentifierError } from '../context/resource-errors.ts';
import type { Component } from './component.ts';
import type { ComponentOptions } from './component-options.ts';
import { ownDeclarations } from './declarations.ts';
import type { DeclaredIdentifier, FromConfig, NeedDeclaration } from './declaration-types.ts';
import type { Injection, MethodDecoration, Provision, Deferred } from './injection-types.ts';
import { DecoratorCallError, DecoratorModeError } from './errors.ts';
import { checkIdentifier, lookupDeclarations } from './lookups.ts';
import { captureSite, type Site } from './place.ts';

type Class = abstract new (...args: never[]) => object;

/** Reads a value from an option of the component, such as a resource name: `@inject(Database, fromConfig('database'))`. */
export function fromConfig(option: string): FromConfig {
  return { option };
}

/** Declares the options and the children of a component. */
export function component<S extends ConfigSchema>(
  options: ComponentOptions<S> & { config: S },
): (type: abstract new (...args: never[]) => Component<S>) => void;
export function component(
  options?: Omit<ComponentOptions, 'config'>,
): (type: abstract new (...args: never[]) => object) => void;
export function component(options: ComponentOptions | Class = {}): (type: Class) => void {
  if (typeof options === 'function') throw new DecoratorCallError('@component', options, undefined);
  if (options.config) refuseEnabled(options.config);
  const site = captureSite(component);
  return (type, ...more: unknown[]) => {
    refuseStandard('@component()', more[0], site);
    const own = ownDeclarations(type);
    own.component = { options, site };
    own.lookups = lookupDeclarations(options.lookups ?? [], site);
  };
}

export interface InjectOptions {
  /** The resource's name. @default 'default' */
  readonly name?: string | FromConfig;
  /** Injects `undefined` if no component provides the key. */
  readonly optional?: boolean;
  /** Injects a {@link Deferred} and imposes no start order. Use it to break an intended cycle. */
  readonly deferred?: boolean;
}

type Injected<T, O extends InjectOptions> = O extends { deferred: true } ? Deferred<Optional<T, O>> : Optional<T, O>;
type Optional<T, O extends InjectOptions> = O extends { optional: true } ? T | undefined : T;

/**
 * Declares a need: the component or the method waits for the resource and receives it in this property or parameter.
 * The compiler compares the resource's type with the declared one.
 */
export function inject<T>(id: AnyIdentifier<T>, name?: string | FromConfig): Injection<T>;
export function inject<T, const O extends InjectOptions>(id: AnyIdentifier<T>, options: O): Injection<Injected<T, O>>;
export function inject<T>(
  id: AnyIdentifier<T>,
  how: string | FromConfig | InjectOptions = {},
  ...more: readonly unknown[]
): Injection<never> {
  if (more.length > 0) refuseBare('@inject', id, typeof how === 'object' ? undefined : how, more[0]);
  const options: InjectOptions = typeof how === 'string' || 'option' in how ? { name: how } : how;
  return needDecorator('@inject()', id, options, false, captureSite(inject));
}

/** Declares a need for every resource with an identifier, as a map by name. Waits for all of their providers. */
export function injectAll<T>(id: AnyIdentifier<T>): Injection<ReadonlyMap<string, T>>;
export function injectAll<T>(id: AnyIdentifier<T>, ...more: readonly unknown[]): Injection<ReadonlyMap<string, T>> {
  if (more.length > 0) refuseBare('@injectAll', id, ...(more as [unknown, unknown]));
  return needDecorator('@injectAll()', id, {}, true, captureSite(injectAll));
}

function needDecorator(
  decorator: string,
  id: DeclaredIdentifier,
  { name, optional = false, deferred = false }: InjectOptions,
  all: boolean,
  site: Site,
): Injection<never> {
  checkIdentifier(decorator, id, site);
  return (target: object, member: PropertyKey | undefined, place?: unknown) => {
    refuseStandard(decorator, member, site);
    const { needs, misuses } = ownDeclarations(classOf(target));
    const index = typeof place === 'number' ? place : undefined;
    const misused = (reason: string, help: string): void =>
      void misuses.push({ decorator, member, index, reason, help, site });
    if (typeof target === 'function' && member !== undefined) return misused(onStatic.reason, onStatic.help);
    // A decorator of a method or an accessor receives a descriptor; a decorator of the class receives no member.
    if (typeof place === 'object' && place !== null) return misused('it cannot inject a method or accessor', needHelp);
    if (member === undefined && index === undefined) return misused('it cannot inject a class', needHelp);
    const need: NeedDeclaration = { id, name, optional, deferred, all, member, index, site };
    // The compiler applies parameter decorators from the last parameter to the first.
    const next =
      index === undefined ? -1 : needs.findIndex((other) => other.member === member && other.index !== undefined);
    needs.splice(next < 0 ? needs.length : next, 0, need);
  };
}

const onStatic = { reason: 'static members are not supported', help: 'remove `static`' };
const needHelp = 'put it on a property, a constructor parameter or a method parameter';

type Identifiers = readonly [AnyIdentifier<unknown>, ...Array<AnyIdentifier<unknown>>];

/** The type that is assignable to all of several identifiers. */
type AllOf<Ids extends readonly unknown[]> = Ids extends readonly [AnyIdentifier<infer T>, ...infer Others]
  ? T & AllOf<Others>
  : unknown;

export interface ProvidesOptions<T> {
  /** The resource's name. @default the name in the component's alias, or 'default' */
  readonly name?: string;
  /** With `'context'` the method is a factory, called once per context that looks it up. @default 'application' */
  readonly scope?: 'application' | 'context';
  /** Disposes of the value when its owner stops or closes. Receives the error that ended the owner, if any. */
  readonly dispose?: (value: T, error?: unknown) => unknown;
}

/**
 * Declares a provider method. The runtime calls it once when the application starts, or with `scope: 'context'` once
 * per context, and publishes its result under the identifiers. In a generator, the code after the `yield` is teardown.
 *
 * On a class, declares that `start()` publishes the key with `this.context.addResource()`. With `scope: 'context'`,
 * declares that the contexts which this component opens provide the key.
 */
export function provides<const Ids extends Identifiers>(...ids: Ids): Provision<AllOf<Ids>>;
export function provides<const Ids extends Identifiers>(
  ...args: [...ids: Ids, options: ProvidesOptions<AllOf<Ids>>]
): Provision<AllOf<Ids>>;
export function provides(...args: readonly unknown[]): Provision<unknown> {
  const site = captureSite(provides);
  const last = args.at(-1);
  const options = (isOptions(last) ? last : {}) as ProvidesOptions<never>;
  const ids = (isOptions(last) ? args.slice(0, -1) : args) as readonly DeclaredIdentifier[];
  if (args.length === 3) refuseBare('@provides', ...(args as [unknown, unknown, unknown]));
  if (ids.length === 0) throw new IdentifierError('@provides()', undefined);
  for (const id of ids) checkIdentifier('@provides()', id, site);
  const { name, scope = 'application', dispose } = options;
  if (name !== undefined) checkName(name);
  return (target: object, member?: PropertyKey, descriptor?: PropertyDescriptor) => {
    refuseStandard('@provides()', member, site);
    if (member !== undefined && !isMethodOfInstances('@provides()', target, member, descriptor, site)) return;
    const type = member === undefined ? (target as unknown as Class) : classOf(target);
    ownDeclarations(type).providers.push({ ids, name, scope, dispose, member, site });
  };
}

/**
 * Runs the method as background work from "started" until the component stops. The first parameter without `@inject`
 * receives the `AbortSignal` that fires at the stop, the second one the task's context.
 */
export function task(options?: { readonly name?: string }): MethodDecoration;
export function task(options: { readonly name?: string } = {}, ...more: readonly unknown[]): MethodDecoration {
  if (more.length > 0) refuseBare('@task', options, ...(more as [unknown, unknown]));
  const site = captureSite(task);
  return (prototype, member, descriptor) => {
    refuseStandard('@task()', member, site);
    if (!isMethodOfInstances('@task()', prototype, member, descriptor, site)) return;
    if (isGeneratorMethod('@task()', prototype, member, descriptor, site)) return;
    ownDeclarations(classOf(prototype)).tasks.push({ member, name: options.name, endsApplication: false, site });
  };
}

/**
 * Throws if a decorator was compiled as a standard decorator.
 *
 * @param second - second argument of the decorator: the member (legacy) or a context object (standard)
 */
export function refuseStandard(decorator: string, second: unknown, site: Site): void {
  if (typeof second === 'object' && second !== null && 'kind' in second) throw new DecoratorModeError(decorator, site);
}

/** Returns the class of a decorated member. A legacy decorator receives the class itself or its prototype. */
export function classOf(target: object): Class {
  return (typeof target === 'function' ? target : target.constructor) as Class;
}

export function isMethodOfInstances(
  decorator: string,
  target: object,
  member: PropertyKey,
  descriptor: PropertyDescriptor | undefined,
  site: Site,
): boolean {
  const isStatic = typeof target === 'function';
  if (!isStatic && typeof descriptor?.value === 'function') return true;
  const { reason, help } = isStatic ? onStatic : { reason: 'the member is not a method', help: 'make it a method' };
  ownDeclarations(classOf(target)).misuses.push({ decorator, member, reason, help, site });
  return false;
}

/** Reports a method that is a generator and whose body would never run, such as that of a task. */
export function isGeneratorMethod(
  decorator: string,
  prototype: object,
  member: PropertyKey,
  { value }: PropertyDescriptor,
  site: Site,
): boolean {
  if (!/GeneratorFunction\]$/.test(Object.prototype.toString.call(value))) return false;
  const reason = 'the runtime does not run generator methods here';
  const help = 'remove the `*`, and register cleanup with onTeardown() of its context';
  ownDeclarations(classOf(prototype)).misuses.push({ decorator, member, reason, help, site });
  return true;
}

function isOptions(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !isIdentifier(value) && !('unwrap' in value);
}

/** Throws if a decorator was used without its parentheses, so that it received the decorated place itself. */
export function refuseBare(decorator: string, target: unknown, member: unknown, place?: unknown): void {
  const isOfMember = typeof member === 'string' || typeof member === 'symbol';
  const isOfConstructor = typeof target === 'function' && member === undefined && typeof place === 'number';
  if (isOfMember || isOfConstructor) {
    throw new DecoratorCallError(decorator, target as object, member as PropertyKey | undefined, place);
  }
}
