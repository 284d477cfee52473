/** What the main thread and the threads of a pool say to each other. Imports nothing but types. */
import type { MessagePort } from 'node:worker_threads';
import type { Thrown } from './thrown.ts';

/**
 * Asks a thread to load a module, and to call one of its functions; without the name of one, for the names of all. No
 * object, because that would be copied with the names of its fields, which takes about as long as a short call.
 */
export type Request = readonly [
  id: number,
  module: string,
  name: string | undefined,
  args: readonly unknown[],
  terms?: RequestTerms,
];

/** What few calls need. */
export interface RequestTerms {
  /** The module that teaches the thread TypeScript. */
  readonly loader: string | undefined;
  readonly contextName: string | undefined;
  /** Tells of abort signals that fire; there when some of the arguments are such. */
  readonly aborts: Aborts | undefined;
}

export interface Aborts {
  readonly positions: readonly number[];
  readonly port: MessagePort;
}

/** How a request ended. A module that was loaded is answered with the names of its functions. */
export type Response = { readonly value: unknown } | { readonly thrown: Thrown };

/** Given to the main thread when a call turns out to give a stream; the call ends when the stream has ended. */
export interface StreamAnnouncement {
  readonly streamOf: number;
  readonly port: MessagePort;
}

/** Given to the main thread when an error that nothing caught is about to end the thread. */
export interface LastWords {
  readonly crashOf: number;
  readonly thrown: Thrown;
}

/** Told to a thread when the signal among a call's arguments at `position` has fired. */
export interface Abort {
  readonly position: number;
  readonly reason: Thrown;
}

/** From the thread that makes a stream to the one that reads it. */
export type StreamItem =
  | { readonly value: unknown }
  | { readonly done: true; readonly value: unknown }
  | { readonly thrown: Thrown };

/** From the reader: how many more items it has room for, or that it wants no more. */
export type StreamDemand = { readonly more: number } | { readonly end: true };

/** How many items a thread makes ahead of who reads them. */
export const streamCapacity = 16;
