/**
 * An inversify container over the resources of a context, for resolving ordinary `@injectable` classes.
 *
 * Loading inversify takes longer than starting most applications, and making a container takes a thousand times as
 * long as looking a resource up, so both happen only for those who ask for one.
 */
import { createRequire } from 'node:module';
import type { BindingConstraints, Container, ServiceIdentifier as InversifyIdentifier } from 'inversify';
import type { Subscription } from 'rxjs';
import { unowned } from '../signal/owned.ts';
import { defaultName, Token, type Key, type ServiceIdentifier } from './key.ts';
import { Pending } from './pending.ts';

/** What a container asks of its context. */
export interface ResourceSource {
  readonly resourceAdded: {
    subscribe(hear: (added: { ids: ReadonlyArray<ServiceIdentifier<unknown>>; name: string }) => void): Subscription;
  };
  knownKeys(): Iterable<Key>;
  lookup(id: ServiceIdentifier<unknown>, name: string): unknown;
  getResourceSync(id: ServiceIdentifier<unknown>, name: string): unknown;
}

// Loaded synchronously, so that `context.container` can be a property.
const require = createRequire(import.meta.url);

/**
 * Makes a container that gives out what the context has: `@named` picks by resource name, `@optional` takes absence,
 * and `@multiInject` gathers all resources of a type, whatever they are called.
 *
 * @param keep - receives the subscription to `resourceAdded`, where that lives longer than the container
 */
export function makeContainer(source: ResourceSource, keep?: (subscription: Subscription) => void): Container {
  require('reflect-metadata');
  const inversify = require('inversify') as typeof import('inversify');
  // Without `autobind`: it would make an instance of a class whose resource is missing.
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
    // inversify's decorators take no token, but what it was made with.
    if (id instanceof Token) bindOnce(id.key, id, name);
  };
  for (const { id, name } of source.knownKeys()) add(id, name);
  // The container is the context's, whichever code is the first to ask for it.
  unowned(() => {
    const subscription = source.resourceAdded.subscribe(({ ids, name }) => ids.forEach((id) => add(id, name)));
    keep?.(subscription);
  });
  return container;
}

/** A promise where a factory is still making the value: inversify's asynchronous getters wait for it. */
function valueOf(source: ResourceSource, id: ServiceIdentifier<unknown>, name: string): unknown {
  const found = source.lookup(id, name);
  // The strict getter words the error for a resource that is there no more.
  return found instanceof Pending ? found.promise : (found ?? source.getResourceSync(id, name));
}

/** Whether a request means the resource of this name. */
function isWanted(constraints: BindingConstraints, id: InversifyIdentifier, name: string): boolean {
  if (constraints.tags.size > 0) return false;
  return (constraints.name ?? defaultName) === name || (constraints.name === undefined && wantsAll(constraints, id));
}

/**
 * Whether the class that is being made has a `@multiInject` of the identifier. Inversify asks each binding whether it
 * fits, but does not say whether one is wanted or all of them, so the class itself has to be read.
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
