/** What the watchdog tells of a delay of the event loop, and how a person reads it. */
import { relative } from 'node:path';

/** A call on the stack; lines and columns count from 1, in the source as it was written. */
export interface StackFrame {
  /** Its name; `(anonymous)` where it has none. */
  readonly function: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The component that a stack belongs to. */
export interface DelayingComponent {
  /** Where the component stands in its application; empty for the root. */
  readonly path: string;
  /** The name of its class. */
  readonly type: string;
}

/**
 * Why nothing else could run: JavaScript (or a call that it waited for) did not return; the memory was cleaned up; or
 * the whole process stood still, as when a laptop sleeps. `unknown` where the runtime cannot be asked or the code was
 * over before it could be looked at.
 */
export type DelayCause = 'code' | 'garbage collection' | 'suspension' | 'unknown';

export interface Delay {
  readonly cause: DelayCause;
  /** For how long nothing else could run, without the time for which the process stood still, in milliseconds. */
  readonly durationMs: number;
  /** How much of that went into cleaning up memory. */
  readonly garbageCollectionMs: number;
  /** For how long the whole process stood still. */
  readonly suspendedMs: number;
  /** The innermost function of the program that did not return; functions of Node and of packages are passed over. */
  readonly place: StackFrame | undefined;
  /** The calls that led there, innermost first. */
  readonly stack: readonly StackFrame[];
  /** Whose code it is, where that can be told. */
  readonly component: DelayingComponent | undefined;
  /** How many delays the same function has caused, this one included. */
  readonly count: number;
}

/** One sentence for people: `crunch() at src/report.ts:12 blocked the event loop for 312 ms`. */
export function delayText({
  cause,
  durationMs,
  garbageCollectionMs,
  suspendedMs,
  place,
  component,
  count,
}: Delay): string {
  const duration = `${Math.round(durationMs)} ms`;
  switch (cause) {
    case 'suspension':
      return `The process stood still for ${Math.round(suspendedMs)} ms, its machine slept or was overloaded`;
    case 'garbage collection':
      return `Cleaning up memory took ${Math.round(garbageCollectionMs)} ms of ${duration} in which nothing else ran`;
    case 'unknown':
      return `The event loop was blocked for ${duration}`;
    case 'code': {
      const whose = component ? `, of ${componentText(component)},` : '';
      const times = count > 1 ? `, the ${ordinal(count)} time` : '';
      return `${place ? placeText(place) : 'Code'}${whose} blocked the event loop for ${duration}${times}`;
    }
  }
}

/** `crunch() at src/report.ts:12` */
export function placeText({ function: name, file, line }: StackFrame): string {
  const near = relative(process.cwd(), file);
  return `${name}() at ${near.startsWith('..') ? file : near}:${line}`;
}

export function componentText({ path, type }: DelayingComponent): string {
  return path === '' ? `the root component (${type})` : `component \`${path}\` (${type})`;
}

function ordinal(count: number): string {
  const ending = new Intl.PluralRules('en', { type: 'ordinal' }).select(count);
  return `${count}${{ zero: 'th', one: 'st', two: 'nd', few: 'rd', many: 'th', other: 'th' }[ending]}`;
}
