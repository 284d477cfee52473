/** The messages between the main thread and the threads of a pool. This file must import only types. */
import type { MessagePort } from 'node:worker_threads';
import type { Thrown } from './thrown.ts';

/**
 * Requests a thread to load a module and to call one of its functions. Without a function name, the thread returns the
 * names of all functions.
 */
export type Request = readonly [
  id: number,
  module: string,
  name: string | undefined,
  args: readonly unknown[],
  terms?: RequestTerms,
];

/**
 * Requests a thread to run one turn of its event loop, in which Node reports rejected promises without a handler and runs
 * work that calls left. A thread sleeps between calls and reports nothing.
 */
export type TurnRequest = readonly [];

/** The parts of a request that most calls do not have. */
export interface RequestTerms {
  /** The module that adds TypeScript support to the thread. */
  readonly loader: string | undefined;
  readonly contextName: string | undefined;
  /** Reports abort signals that fire; undefined if no argument is an abort signal. */
  readonly aborts: Aborts | undefined;
}

export interface Aborts {
  readonly positions: readonly number[];
  readonly port: MessagePort;
}

/** The outcome of a request. The value for a loaded module is the list of its function names. */
export type Response = { readonly value: unknown } | { readonly thrown: Thrown };

/** Sent to the main thread when a function returns a stream. The call ends when the stream has ended. */
export interface StreamAnnouncement {
  readonly streamOf: number;
  readonly port: MessagePort;
}

/** Sent to the main thread when an uncaught error is about to end the thread. */
export interface CrashReason {
  readonly crashOf: number;
  readonly thrown: Thrown;
}

/** Sent to the main thread when a promise without a handler was rejected. The thread continues. */
export interface Rejection {
  /** The function that the thread was running, or ran last, such as `resize() of image.ts`. */
  readonly rejectedIn: string | undefined;
  readonly thrown: Thrown;
}

/** The messages of a thread besides the outcomes of calls. */
export type ThreadMessage = StreamAnnouncement | CrashReason | Rejection;

/** Sent to a thread when the abort signal at `position` of a call's arguments fires. */
export interface Abort {
  readonly position: number;
  readonly reason: Thrown;
}

/** Sent by the thread that produces a stream to the thread that reads it. */
export type StreamItem =
  | { readonly value: unknown }
  | { readonly done: true; readonly value: unknown }
  | { readonly thrown: Thrown };

/** Sent by the reader of a stream: the number of further items that it has room for, or that it needs no more items. */
export type StreamDemand = { readonly more: number } | { readonly end: true };

/** The number of items that a thread produces in advance of the reader. */
export const streamCapacity = 16;
