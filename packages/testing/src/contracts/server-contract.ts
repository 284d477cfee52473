/** What a test file specifies about its integration for `describeServer`. */
import type { Socket } from 'node:net';
import type { ComponentClass, Context } from '@asphalt/core';

/** The operations of a private server. */
export interface ContractServer {
  readonly url: string;
  kill(): Promise<unknown>;
  start(): Promise<unknown>;
  freeze(): unknown;
  thaw(): unknown;
  dropConnections(): Promise<unknown>;
  stop(): Promise<unknown>;
}

/** The part of a link that the contract is about. */
export interface ContractLink {
  readonly state: string;
  readonly lost: { subscribe(next: () => void): unknown };
  readonly restored: { subscribe(next: () => void): unknown };
}

export interface ServerContract {
  /** Why the server cannot be used, as `unavailable()` returns it. The tests are then skipped, and show it. */
  readonly unavailable?: string | false;
  /** The component under test, with the options of `serverOptions`. */
  readonly component: ComponentClass;
  /** Starts a private server. If it receives a password, it requires it, and its URL contains it. */
  readonly server: (options?: { readonly password?: string }) => Promise<ContractServer>;
  readonly use: {
    /** Returns the link of the client in a context. */
    readonly link: (context: Context, name?: string) => ContractLink;
    /** Sends a call whose reply contains the text; returns the text of the reply. */
    readonly call: (context: Context, text: string, name?: string) => Promise<string>;
    /** Subscribes to messages; resolves when the server has confirmed the subscription. */
    readonly subscribe?: (context: Context, onMessage: (text: string) => void) => Promise<void>;
    readonly publish?: (context: Context, text: string) => Promise<unknown>;
  };
  /**
   * For protocols that switch to TLS: acts as the server until the client starts its TLS handshake. By default connections
   * start with that handshake.
   */
  readonly startTls?: (socket: Socket) => Promise<void>;
  /** For each reason for which a server refuses a client: the options of the client. */
  readonly refusals: Readonly<Record<string, (url: string) => Readonly<Record<string, unknown>>>>;
}
