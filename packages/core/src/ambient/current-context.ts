/** Tracks the current context in an `AsyncLocalStorage`, which this module installs when it is imported. */
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
