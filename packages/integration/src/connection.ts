/** The two sides that a link connects: a driver, and the component that uses it. */
import type { Context, Logger } from '@asphalt/core';
import type { FailureKind } from './classify.ts';
import type { ServerConfig } from './options.ts';

/** The operations of a driver that a link calls. */
export interface Connection {
  /** Tries to connect once. Called again after a failed attempt. */
  connect(): Promise<unknown>;
  /** Proves that the server responds. */
  check(): Promise<unknown>;
  /** Waits for running calls, then closes. Called only while the server is available. */
  close(): unknown;
  /** Drops the connection at once. Also ends an attempt that takes too long, and must accept a second call. */
  destroy(): void;
  /** Replaces a connection on which a check has failed, if the driver does not do so by itself. Its running calls fail. */
  reset?(): void;
  /**
   * Whether checks limit the time of calls, because the driver does not. Servers reply in order: if a check receives no reply
   * within `timeout`, earlier calls have none either. The link then checks after every half of `timeout`, so calls fail within
   * one and a half times `timeout`.
   */
  readonly checksLimitCalls?: boolean;
  /** Classifies the driver's own errors; `undefined` for the default of `classify()`. */
  classify?(error: unknown): FailureKind | undefined;
}

/** The component that a link belongs to. */
export interface LinkOwner {
  readonly config: ServerConfig;
  readonly logger: Logger;
  readonly context: Context;
}
