/** Keeps the current context of everything that runs, over an `AsyncLocalStorage` that this module installs. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context } from '../context/context.ts';
import { keepCurrentIn } from '../context/current.ts';
import { NoCurrentContextError } from './errors.ts';

const storage = new AsyncLocalStorage<Context>();
keepCurrentIn(storage as AsyncLocalStorage<unknown>);

/**
 * The context on whose behalf the calling code runs: that of `Context.run`'s body, of a component's hook, constructor
 * or provider, of a handled event, of a task, of a web request, the one that asked a factory, or the one that closes.
 *
 * @throws {@link NoCurrentContextError} outside of all of these
 */
export function currentContext(): Context {
  const context = storage.getStore();
  if (!context) throw new NoCurrentContextError();
  return context;
}
