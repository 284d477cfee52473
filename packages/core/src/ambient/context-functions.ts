/** The methods of a context as functions on the current context, with the same names, parameters and results. */
import type { Context } from '../context/context.ts';
import { currentContext } from './current-context.ts';

/** {@inheritDoc Context.addResource} */
export const addResource: Context['addResource'] = (...args) => currentContext().addResource(...args);

/** {@inheritDoc Context.addResourceFactory} */
export const addResourceFactory: Context['addResourceFactory'] = (...args) =>
  currentContext().addResourceFactory(...args);

/** {@inheritDoc Context.getResource} */
export const getResource: Context['getResource'] = async (...args) => currentContext().getResource(...args);

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
