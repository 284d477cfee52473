export {
  LateRouteError,
  ListenError,
  NoResponseError,
  RequestContextError,
  RequestCutOffError,
  RouteOrderError,
} from './errors.ts';
export { needs, type NeedsEnv } from './needs.ts';
export { requestContext, withContext } from './request-scope.ts';
export { WebApp } from './web-app.ts';
export { WebComponent, webOptions } from './web-component.ts';
export type { WebEnv } from './web-env.ts';
