/**
 * Tracks the current context in an `AsyncLocalStorage`, which this module installs when it is imported, and offers the
 * methods of a context as functions on the current one, with the same names, parameters and results.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context } from '../context/context.ts';
import { keepCurrentIn } from '../context/current.ts';
import { NoCurrentContextError } from './errors.ts';

const storage = new AsyncLocalStorage<Context>();
keepCurrentIn(storage as AsyncLocalStorage<unknown>);

/**
 * Returns the context of the calling code: that of `Context.run`, of a component's hook, constructor or provider, of a
 * handled event, of a task or of a web request. In a factory it is the context of the lookup, in a teardown the closing
 * context.
 *
 * @throws {@link NoCurrentContextError} outside of all of these
 */
export function currentContext(): Context {
  const context = storage.getStore();
  if (!context) throw new NoCurrentContextError();
  return context;
}

/** {@inheritDoc Context.addResource} */
export const addResource: Context['addResource'] = (...args) => currentContext().addResource(...args);

/** {@inheritDoc Context.addResourceFactory} */
export const addResourceFactory: Context['addResourceFactory'] = (...args) =>
  currentContext().addResourceFactory(...args);

/** {@inheritDoc Context.getResource} */
export const getResource = (async (...args: Parameters<Context['getResource']>) =>
  // The type of a function has no overloads of its own, so it is that of the method.
  currentContext().getResource(...args)) as Context['getResource'];

/** {@inheritDoc Context.getResourceSync} */
export const getResourceSync: Context['getResourceSync'] = (...args) => currentContext().getResourceSync(...args);

/** {@inheritDoc Context.findResource} */
export const findResource: Context['findResource'] = (...args) => currentContext().findResource(...args);

/** {@inheritDoc Context.getResources} */
export const getResources: Context['getResources'] = (...args) => currentContext().getResources(...args);

/** {@inheritDoc Context.resolve} */
export const resolve: Context['resolve'] = async (...args) => currentContext().resolve(...args);

/** {@inheritDoc Context.onTeardown} */
export const onTeardown: Context['onTeardown'] = (...args) => currentContext().onTeardown(...args);

/** {@inheritDoc Context.startServiceTask} */
export const startServiceTask: Context['startServiceTask'] = (...args) => currentContext().startServiceTask(...args);

/** {@inheritDoc Context.startTaskGroup} */
export const startTaskGroup: Context['startTaskGroup'] = (...args) => currentContext().startTaskGroup(...args);

/** {@inheritDoc Context.until} */
export const until: Context['until'] = (...args) => currentContext().until(...args);
