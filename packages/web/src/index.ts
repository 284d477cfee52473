export { bodyLimit } from './request/body-limit.ts';
export {
  BodyLimitError,
  ClientStalledError,
  HealthPathError,
  LateRouteError,
  ListenError,
  MalformedBodyError,
  NoResponseError,
  RequestContextError,
  RequestCutOffError,
  RouteNeedsError,
  RouteOrderError,
  type RouteNeed,
} from './errors.ts';
export { needs, type NeedsEnv, type RequestIdentifier, type RequestNeed } from './routes/needs.ts';
export { clientAddress } from './request/proxies.ts';
export { requestContext, withContext } from './request/request-scope.ts';
export { problem, type Problem } from './request/problem.ts';
export { requestId, requestLogger } from './request/request-logger.ts';
export type { RequestTrace } from './request/request-trace.ts';
export { SocketError, TlsError } from './server/errors.ts';
export { WebApp } from './web-app.ts';
export { WebComponent } from './web-component.ts';
export type { WebEnv } from './web-env.ts';
export { webOptions } from './web-options.ts';
