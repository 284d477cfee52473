export { backOff, type BackOff } from './back-off.ts';
export { Backlog } from './backlog.ts';
export { classify, type FailureKind } from './classify.ts';
export {
  deliveries,
  type BrokerClient,
  type DeliveryOptions,
  type MessageClient,
  type PullClient,
  type PushClient,
  type Retry,
} from './deliveries.ts';
export { DeferredDelivery, RejectedDelivery, type Delivery } from './delivery.ts';
export { Endpoint, endpoint, endpointFaults } from './endpoint.ts';
export type { Connection, LinkOwner } from './connection.ts';
export {
  ConnectError,
  ConnectOptionsError,
  NoReplyError,
  OfflineError,
  PayloadError,
  type FailedConnection,
} from './errors.ts';
export { InFlight } from './in-flight.ts';
export { Link, type ConnectTrace, type LinkState, type LostConnection, type RestoredConnection } from './link.ts';
export { serverOptions, tlsOptions, type ServerConfig, type ServerKind, type TlsConfig } from './options.ts';
export { repeat } from './repeat.ts';
export { JsonSerializer, Serializer } from './serializer.ts';
export { Session } from './session.ts';
export { late, pause, replyWithin, within } from './time.ts';
export { readOptionFile, tlsContext } from './tls.ts';
export { Topics, type SubscribeTopic } from './topics.ts';
