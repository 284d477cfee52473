/**
 * The *current* context, for programs that would rather not pass contexts along: importing this entry point installs
 * it for the whole process. Import it before contexts are opened; nothing else in the runtime needs it.
 */
export { currentContext } from './current-context.ts';
export { InjectedMethodError, NoCurrentContextError, NotInjectedError } from './errors.ts';
export {
  addResource,
  addResourceFactory,
  findResource,
  getResource,
  getResources,
  getResourceSync,
  onTeardown,
  resolve,
  startServiceTask,
  startTaskGroup,
  until,
} from './context-functions.ts';
export { fromContext, injected } from './injected.ts';
export { withResources, type Wanted, type WithResources } from './with-resources.ts';
