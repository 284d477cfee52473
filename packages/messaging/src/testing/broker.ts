/** What a test file specifies about its engine for the suites of this folder. */
import type { ComponentClass } from '@asphalt/core';

/** A private broker, and the applications that use it. */
export interface TestBroker {
  /** The components of an application that uses the broker. One of them provides `Messaging`. */
  readonly components: Readonly<Record<string, ComponentClass>>;
  /** The options of these components, by their aliases. */
  readonly config: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The alias of the component that provides `Messaging`. */
  readonly engine: string;
  /** Ends the broker and removes its data. */
  stop(): Promise<unknown>;
  /** Omitted by brokers in memory. */
  readonly server?: {
    kill(): Promise<unknown>;
    start(): Promise<unknown>;
    freeze(): unknown;
    thaw(): unknown;
  };
}

export interface MessagingContract {
  /** The name of the engine, for the names of the tests. */
  readonly name: string;
  /** Why the broker cannot be used. The tests are then skipped, and show it. */
  readonly unavailable?: string | false;
  /** Starts a private broker. */
  readonly broker: () => Promise<TestBroker>;
  /** A module that exports `components` for another process, for engines whose messages survive a process and the server. */
  readonly program?: URL;
  /** Number of leaders that are killed or frozen. @default 4 */
  readonly kills?: number;
}
