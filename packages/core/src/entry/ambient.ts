/**
 * The current context, for programs that do not pass contexts as parameters. Importing this entry point installs it for
 * the whole process, so import it before any context is opened. The rest of the runtime does not depend on it.
 */
export { InjectedMethodError, NoCurrentContextError, NotInjectedError } from '../ambient/errors.ts';
export {
  addResource,
  addResourceFactory,
  currentContext,
  findResource,
  getResource,
  getResources,
  getResourceSync,
  onTeardown,
  resolve,
  startServiceTask,
  startTaskGroup,
  until,
} from '../ambient/context-functions.ts';
export { fromContext, injected } from '../ambient/injected.ts';
export { withResources, type WithResources } from '../ambient/with-resources.ts';
export type { Wanted } from '../component/component-options.ts';
