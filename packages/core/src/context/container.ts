/**
 * An inversify container over the resources of a context, for resolving ordinary `@injectable` classes.
 *
 * This is the only file of core that imports inversify, so core imports it on demand. It must not import `Context`: it
 * depends on the interface `ResourceSource`.
 */
// inversify stores its records with the functions that this adds to `Reflect`.
import 'reflect-metadata';
import {
  Container,
  LazyServiceIdentifier,
  type BindingConstraints,
  type ServiceIdentifier as InversifyIdentifier,
} from 'inversify';
import type { Subscription } from 'rxjs';
import { unowned } from '../signal/scope.ts';
import { defaultName, Token, type Key, type ServiceIdentifier } from './key.ts';
import { Pending } from './factory-cache.ts';

/** The part of a context that a container reads. */
export interface ResourceSource {
  readonly resourceAdded: {
    subscribe(
      listener: (added: { ids: ReadonlyArray<ServiceIdentifier<unknown>>; name: string }) => void,
    ): Subscription;
  };
  /** @throws ContextStateError when the context is closed */
  knownKeys(): Iterable<Key>;
  readonly lifetime: { readonly teardowns: { add(label: string, undo: () => void): unknown } };
  lookup(id: ServiceIdentifier<unknown>, name: string): unknown;
  getResourceSync(id: ServiceIdentifier<unknown>, name: string): unknown;
}

const containers = new WeakMap<ResourceSource, Container>();

/**
 * Returns the container that resolves the resources of a context; creates it on the first call. `@named` selects by
 * resource name, `@optional` allows a missing resource, and `@multiInject` collects all resources of a type, whatever
 * their names.
 *
 * @throws {@link ContextStateError} when the context is closed
 */
export function containerOf(context: ResourceSource): Container {
  const keys = context.knownKeys();
  let container = containers.get(context);
  if (container === undefined) containers.set(context, (container = makeContainer(context, keys)));
  return container;
}

/** Creates an instance of an `@injectable` class from the resources of a context. */
export function resolveInjectable<T>(context: ResourceSource, type: new (...args: never[]) => T): Promise<T> {
  // inversify declares the parameters as `any`.
  const injectable = type as new (...args: unknown[]) => T;
  const container = containerOf(context);
  if (!container.isBound(injectable)) container.bind(injectable).toSelf();
  return container.getAsync(injectable);
}

function makeContainer(source: ResourceSource, keys: Iterable<Key>): Container {
  // No `autobind`: it would instantiate a class that has no resource.
  const container = new Container();
  const bind = (as: InversifyIdentifier, id: ServiceIdentifier<unknown>, name: string): void => {
    container
      .bind(as)
      .toDynamicValue(() => valueOf(source, id, name))
      .inTransientScope()
      .when((constraints) => isWanted(constraints, as, name));
  };
  const bound = new Map<unknown, Set<string>>();
  const bindOnce = (as: unknown, id: ServiceIdentifier<unknown>, name: string): void => {
    const names = bound.get(as) ?? new Set();
    if (names.has(name)) return;
    bound.set(as, names.add(name));
    bind(as as InversifyIdentifier, id, name);
  };
  const add = (id: ServiceIdentifier<unknown>, name: string): void => {
    bindOnce(id, id, name);
    // inversify's decorators do not accept a `Token`, but they accept the string or symbol behind it.
    if (id instanceof Token) bindOnce(id.key, id, name);
  };
  for (const { id, name } of keys) add(id, name);
  // The container belongs to the context, not to the component whose code reads it first.
  unowned(() => {
    const subscription = source.resourceAdded.subscribe(({ ids, name }) => ids.forEach((id) => add(id, name)));
    source.lifetime.teardowns.add('inversify container', () => subscription.unsubscribe());
  });
  return container;
}

/** Returns the value, or a promise of it while its factory is running; inversify's asynchronous getters await it. */
function valueOf(source: ResourceSource, id: ServiceIdentifier<unknown>, name: string): unknown {
  const found = source.lookup(id, name);
  // `getResourceSync` throws the error for a resource that was removed.
  return found instanceof Pending ? found.promise : (found ?? source.getResourceSync(id, name));
}

/** Returns whether an inversify request selects the resource with this name. */
function isWanted(constraints: BindingConstraints, id: InversifyIdentifier, name: string): boolean {
  if (constraints.tags.size > 0) return false;
  return (constraints.name ?? defaultName) === name || (constraints.name === undefined && wantsAll(constraints, id));
}

/** The key and the part of inversify's record of a class that this module reads. */
const classKey = '@inversifyjs/core/classMetadataReflectKey';
const kindOfMultiInject = 0;
interface ClassMetadata {
  readonly constructorArguments: readonly ElementMetadata[];
  readonly properties: ReadonlyMap<string | symbol, ElementMetadata>;
}
interface ElementMetadata {
  readonly kind: number;
  readonly name?: unknown;
  readonly value?: unknown;
}

/**
 * Returns whether the class under construction has an unnamed `@multiInject` of the identifier. The constraints that
 * inversify passes to a binding do not include this, so it is read from the record of the class.
 */
function wantsAll(constraints: BindingConstraints, id: InversifyIdentifier): boolean {
  const type = constraints.getAncestor()?.serviceIdentifier;
  if (typeof type !== 'function') return false;
  const { constructorArguments, properties } = Reflect.getOwnMetadata(classKey, type) as ClassMetadata;
  return [...constructorArguments, ...properties.values()].some(
    ({ kind, name, value }) =>
      kind === kindOfMultiInject &&
      name === undefined &&
      (LazyServiceIdentifier.is(value) ? value.unwrap() : value) === id,
  );
}
