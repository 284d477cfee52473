/**
 * The decorators. Each writes one record into the class's declarations and does nothing else; `check` and the
 * application read them later.
 */
import type { Observable } from 'rxjs';
import type { ConfigSchema } from '../config/schema.ts';
import { checkName, IdentifierError, isIdentifier } from '../context/key.ts';
import type { Overflow } from '../signal/event-queue.ts';
import type { Component } from './component.ts';
import type { ComponentOptions } from './component-options.ts';
import {
  ownDeclarations,
  type AnyIdentifier,
  type DeclaredIdentifier,
  type NameFromConfig,
  type NeedDeclaration,
} from './declarations.ts';
import type { Deferred } from './deferred.ts';
import type { Handling, Injection, MethodDecoration, Provision } from './injection-types.ts';
import { DecoratorModeError } from './decorator-mode-error.ts';
import { captureSite, type Site } from './place.ts';

type Class = abstract new (...args: never[]) => object;

/** Reads a resource name from an option of the component: `@inject(Database, fromConfig('database'))`. */
export function fromConfig(option: string): NameFromConfig {
  return { option };
}

/** Makes a class a component: names its options and its children. */
export function component<S extends ConfigSchema>(
  options: ComponentOptions<S> & { config: S },
): (type: abstract new (...args: never[]) => Component<S>) => void;
export function component(options?: Omit<ComponentOptions, 'config'>): (type: Class) => void;
export function component(options: ComponentOptions = {}): (type: Class) => void {
  const site = captureSite(component);
  return (type, ...more: unknown[]) => {
    refuseStandard('@component()', more[0], site);
    ownDeclarations(type).component = { options, site };
  };
}

export interface InjectOptions {
  /** The resource's name. @default 'default' */
  readonly name?: string | NameFromConfig;
  /** Gives `undefined` where nobody provides the key. */
  readonly optional?: boolean;
  /** Gives a {@link Deferred} and makes no order: the way to break a cycle that is wanted. */
  readonly deferred?: boolean;
}

type Injected<T, O extends InjectOptions> = O extends { deferred: true } ? Deferred<Optional<T, O>> : Optional<T, O>;
type Optional<T, O extends InjectOptions> = O extends { optional: true } ? T | undefined : T;

/**
 * Declares a need: the component, or the method, waits for the resource and gets it at this property or parameter.
 * The compiler compares the resource's type with the declared one.
 */
export function inject<T>(id: AnyIdentifier<T>, name?: string | NameFromConfig): Injection<T>;
export function inject<T, const O extends InjectOptions>(id: AnyIdentifier<T>, options: O): Injection<Injected<T, O>>;
export function inject<T>(id: AnyIdentifier<T>, how: string | NameFromConfig | InjectOptions = {}): Injection<never> {
  const options: InjectOptions = typeof how === 'string' || 'option' in how ? { name: how } : how;
  return needDecorator('@inject()', id, options, false, captureSite(inject));
}

/** Declares a need of every resource with an identifier, by name; it waits for all that provide one. */
export function injectAll<T>(id: AnyIdentifier<T>): Injection<ReadonlyMap<string, T>> {
  return needDecorator('@injectAll()', id, {}, true, captureSite(injectAll));
}

function needDecorator(
  decorator: string,
  id: DeclaredIdentifier,
  { name, optional = false, deferred = false }: InjectOptions,
  all: boolean,
  site: Site,
): Injection<never> {
  checkIdentifier(decorator, id);
  return (target: object, member: PropertyKey | undefined, place?: unknown) => {
    refuseStandard(decorator, member, site);
    const { needs, misuses } = ownDeclarations(classOf(target));
    const index = typeof place === 'number' ? place : undefined;
    const misused = (reason: string, help: string): void =>
      void misuses.push({ decorator, member, index, reason, help, site });
    if (typeof target === 'function' && member !== undefined) return misused(onStatic.reason, onStatic.help);
    // A method or an accessor comes with its descriptor, the class alone without a member.
    if (typeof place === 'object' && place !== null) return misused('it stands on a method or an accessor', needHelp);
    if (member === undefined && index === undefined) return misused('it stands on the class itself', needHelp);
    const need: NeedDeclaration = { id, name, optional, deferred, all, member, index, site };
    // Parameters are decorated from the last to the first.
    const next =
      index === undefined ? -1 : needs.findIndex((other) => other.member === member && other.index !== undefined);
    needs.splice(next < 0 ? needs.length : next, 0, need);
  };
}

const onStatic = { reason: 'it stands on a static member, which no instance has', help: 'take away `static`' };
const needHelp = 'put it before a property, a constructor parameter or a parameter of a method';

type Identifiers = readonly [AnyIdentifier<unknown>, ...Array<AnyIdentifier<unknown>>];

/** What fits every one of several identifiers. */
type AllOf<Ids extends readonly unknown[]> = Ids extends readonly [AnyIdentifier<infer T>, ...infer Others]
  ? T & AllOf<Others>
  : unknown;

export interface ProvidesOptions<T> {
  /** The resource's name. @default the name in the component's alias, or 'default' */
  readonly name?: string;
  /** `'context'`: the method is a factory, called once for every context that asks. @default 'application' */
  readonly scope?: 'application' | 'context';
  /** Runs when the owner of the value ends; is told the error that ended it. */
  readonly dispose?: (value: T, error?: unknown) => unknown;
}

/**
 * Declares what a method provides: it is called once when the application starts (or once for every context, with
 * `scope: 'context'`), and its result is published under the identifiers. What follows the `yield` of a generator is
 * teardown.
 *
 * On a class it declares that `start()` publishes the key with `this.context.addResource()`; with
 * `scope: 'context'`, that the contexts which this component opens carry it.
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
  if (ids.length === 0) throw new IdentifierError('@provides()', undefined);
  for (const id of ids) checkIdentifier('@provides()', id);
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
 * Runs the method as background work from "ready" until the component stops. A parameter without `@inject` gets the
 * `AbortSignal` that tells it to end; a second one the task's context.
 */
export function task(options: { readonly name?: string } = {}): MethodDecoration {
  const site = captureSite(task);
  return (prototype, member, descriptor) => {
    refuseStandard('@task()', member, site);
    if (!isMethodOfInstances('@task()', prototype, member, descriptor, site)) return;
    if (isGeneratorMethod('@task()', prototype, member, descriptor, site)) return;
    ownDeclarations(classOf(prototype)).tasks.push({ member, name: options.name, endsApplication: false, site });
  };
}

export interface OnAllOptions<E> {
  /** How many events are handled at the same time; 1 keeps their order. @default 1 */
  readonly concurrency?: number;
  /** How many events wait at most, besides those that are being handled. @default 50, where `overflow` is given */
  readonly capacity?: number;
  /**
   * What becomes of an event when `capacity` are waiting. `'error'` ends the handler and is reported to the
   * application; it handles what waits by then. @default 'unbounded', or 'drop-newest' where `capacity` is given
   */
  readonly overflow?: Overflow;
  /**
   * Hears of each event whose handling failed, in place of the application's `onError`, when the context of the event
   * has closed. What it throws itself goes to the application's.
   */
  readonly onError?: (error: unknown, event: E) => unknown;
}

export interface OnOptions<E> extends OnAllOptions<E> {
  /** The name of the resource whose signal is handled. @default 'default' */
  readonly name?: string | NameFromConfig;
}

/**
 * Handles the events of an Observable of one resource, usually a signal with operators behind it. Each event has a
 * context of its own, from which further parameters are injected; it closes with the error of the method, if it
 * fails. At stop, the subscriptions to signals complete, and the events that come out of that are handled still.
 */
export function on<T, E>(
  id: AnyIdentifier<T>,
  select: (resource: T) => Observable<E>,
  options: OnOptions<E> = {},
): Handling<E> {
  return handlerDecorator('@on()', id, select, options, false, captureSite(on));
}

/** Like {@link on}, for every resource with the identifier, whatever its name. */
export function onAll<T, E>(
  id: AnyIdentifier<T>,
  select: (resource: T, name: string) => Observable<E>,
  options: OnAllOptions<E> = {},
): Handling<E> {
  return handlerDecorator('@onAll()', id, select, options, true, captureSite(onAll));
}

function handlerDecorator<E>(
  decorator: string,
  id: DeclaredIdentifier,
  select: (resource: never, name: string) => unknown,
  { name, concurrency = 1, capacity, overflow, onError }: OnOptions<never>,
  all: boolean,
  site: Site,
): Handling<E> {
  checkIdentifier(decorator, id);
  const policy = overflow ?? (capacity === undefined ? 'unbounded' : 'drop-newest');
  return (prototype, member, descriptor) => {
    refuseStandard(decorator, member, site);
    if (!isMethodOfInstances(decorator, prototype, member, descriptor, site)) return;
    if (isGeneratorMethod(decorator, prototype, member, descriptor, site)) return;
    const { handlers, misuses } = ownDeclarations(classOf(prototype));
    if (concurrency >= 1) {
      handlers.push({ id, name, all, select, concurrency, capacity, overflow: policy, onError, member, site });
      return;
    }
    const reason = `with a concurrency of ${concurrency} it would never handle an event`;
    misuses.push({ decorator, member, reason, help: 'give a concurrency of at least 1', site });
  };
}

/** Where a legacy decorator is told a member, a standard one is told a context; it would write its record nowhere. */
export function refuseStandard(decorator: string, second: unknown, site: Site): void {
  if (typeof second === 'object' && second !== null && 'kind' in second) throw new DecoratorModeError(decorator, site);
}

/** The class that a legacy decorator stands in; it is given the class itself or its prototype. */
function classOf(target: object): Class {
  return (typeof target === 'function' ? target : target.constructor) as Class;
}

function isMethodOfInstances(
  decorator: string,
  target: object,
  member: PropertyKey,
  descriptor: PropertyDescriptor | undefined,
  site: Site,
): boolean {
  const isStatic = typeof target === 'function';
  if (!isStatic && typeof descriptor?.value === 'function') return true;
  const { reason, help } = isStatic
    ? onStatic
    : { reason: 'it stands on something that is no method', help: 'make it a method' };
  ownDeclarations(classOf(target)).misuses.push({ decorator, member, reason, help, site });
  return false;
}

/** Providers and hooks may be generators; work and the handling of an event would never run. */
function isGeneratorMethod(
  decorator: string,
  prototype: object,
  member: PropertyKey,
  { value }: PropertyDescriptor,
  site: Site,
): boolean {
  if (!/GeneratorFunction\]$/.test(Object.prototype.toString.call(value))) return false;
  const reason = 'the method is a generator, which does not run by itself';
  const help = 'take away the `*`; what is to be undone goes to onTeardown() of its context';
  ownDeclarations(classOf(prototype)).misuses.push({ decorator, member, reason, help, site });
  return true;
}

function isOptions(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !isIdentifier(value) && !('unwrap' in value);
}

function checkIdentifier(decorator: string, id: unknown): void {
  const lazy = typeof id === 'object' && id !== null && 'unwrap' in id;
  if (!lazy && !isIdentifier(id)) throw new IdentifierError(decorator, id);
}
