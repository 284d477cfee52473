/**
 * An inversify container over the resources of a context, for resolving ordinary `@injectable` classes.
 *
 * Loading inversify takes longer than starting most applications, and making a container takes a thousand times as
 * long as looking a resource up, so both happen only for those who ask for one.
 */
import { createRequire } from 'node:module';
import type { Container, ServiceIdentifier as InversifyIdentifier } from 'inversify';
import { Pending } from './pending.ts';
import type { Context } from './context.ts';
import { defaultName, Token, type ServiceIdentifier } from './key.ts';

type Inversify = typeof import('inversify');

// Loaded synchronously, so that `context.container` can be a property.
const require = createRequire(import.meta.url);

/** Makes a container that gives out what the context has, under inversify's names for it. */
export function makeContainer(context: Context): Container {
  require('reflect-metadata');
  const inversify = require('inversify') as Inversify;
  // Without `autobind`: it would make an instance of a class whose resource is missing.
  const container = new inversify.Container();
  const bind = (as: InversifyIdentifier, id: ServiceIdentifier<unknown>, name: string): void => {
    const binding = container
      .bind(as)
      .toDynamicValue(() => valueOf(context, id, name))
      .inTransientScope();
    if (name === defaultName) binding.whenDefault();
    else binding.whenNamed(name);
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
  for (const { id, name } of context.keys()) add(id, name);
  context.resourceAdded.subscribe(({ ids, name }) => ids.forEach((id) => add(id, name)));
  return container;
}

/** A promise where a factory is still making the value: inversify's asynchronous getters wait for it. */
function valueOf(context: Context, id: ServiceIdentifier<unknown>, name: string): unknown {
  const found = context.lookup(id, name);
  // The strict getter words the error for a resource that is there no more.
  return found instanceof Pending ? found.promise : (found ?? context.getResourceSync(id, name));
}
