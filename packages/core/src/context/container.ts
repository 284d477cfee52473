/**
 * An inversify container over the resources of a context, for resolving ordinary `@injectable` classes.
 *
 * This is the only file of core that loads inversify, and it does so when the first container is created. It must not
 * import `Context`: it depends on the interface `ResourceSource`.
 */
import { createRequire } from 'node:module';
import type { BindingConstraints, Container, ServiceIdentifier as InversifyIdentifier } from 'inversify';
import type { Subscription } from 'rxjs';
import { unowned } from '../signal/scope.ts';
import { defaultName, Token, type Key, type ServiceIdentifier } from './key.ts';
import { Pending } from './pending.ts';

/** The part of a context that a container reads. */
export interface ResourceSource {
  readonly resourceAdded: {
    subscribe(
      listener: (added: { ids: ReadonlyArray<ServiceIdentifier<unknown>>; name: string }) => void,
    ): Subscription;
  };
  knownKeys(): Iterable<Key>;
  lookup(id: ServiceIdentifier<unknown>, name: string): unknown;
  getResourceSync(id: ServiceIdentifier<unknown>, name: string): unknown;
}

// Loaded synchronously, so that `context.container` can be a property.
const require = createRequire(import.meta.url);

/**
 * Creates a container that resolves the resources of a context. `@named` selects by resource name, `@optional` allows a
 * missing resource, and `@multiInject` collects all resources of a type, whatever their names.
 *
 * @param keep - receives the subscription to `resourceAdded`, if that signal outlives the container
 */
export function makeContainer(source: ResourceSource, keep?: (subscription: Subscription) => void): Container {
  require('reflect-metadata');
  const inversify = require('inversify') as typeof import('inversify');
  // No `autobind`: it would instantiate a class that has no resource.
  const container = new inversify.Container();
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
  for (const { id, name } of source.knownKeys()) add(id, name);
  // The container belongs to the context, not to the component whose code reads it first.
  unowned(() => {
    const subscription = source.resourceAdded.subscribe(({ ids, name }) => ids.forEach((id) => add(id, name)));
    keep?.(subscription);
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

/**
 * Returns whether the class under construction has an unnamed `@multiInject` of the identifier. The constraints that
 * inversify passes to a binding do not include this, so it is read from the metadata of the class.
 */
function wantsAll(constraints: BindingConstraints, id: InversifyIdentifier): boolean {
  const type = constraints.getAncestor()?.serviceIdentifier;
  if (typeof type !== 'function') return false;
  const core = require('@inversifyjs/core') as typeof import('@inversifyjs/core');
  const { constructorArguments, properties } = core.getClassMetadata(type as new () => unknown);
  return [...constructorArguments, ...properties.values()].some((element) => {
    if (element.kind !== core.ClassElementMetadataKind.multipleInjection || element.name !== undefined) return false;
    const { value } = element;
    return (typeof value === 'object' && 'unwrap' in value ? value.unwrap() : value) === id;
  });
}
