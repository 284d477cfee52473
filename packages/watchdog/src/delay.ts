/** The description of a delay of the event loop, as data and as text. */
import { relative } from 'node:path';

/** A call on the stack. Lines and columns count from 1 and refer to the source file. */
export interface StackFrame {
  /** The function's name; `(anonymous)` if it has none. */
  readonly function: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The component that a stack belongs to. */
export interface DelayingComponent {
  /** The component's path in its application; empty for the root. */
  readonly path: string;
  /** The name of the component's class. */
  readonly type: string;
}

/**
 * Why the event loop was blocked:
 * - `code`: JavaScript, or a synchronous call from it, did not return
 * - `garbage collection`
 * - `suspension`: the whole process was suspended, for example because a laptop was asleep
 * - `unknown`: the runtime does not support reading the stack, or the code ended before its stack was read
 */
export type DelayCause = 'code' | 'garbage collection' | 'suspension' | 'unknown';

export interface Delay {
  readonly cause: DelayCause;
  /** How long the event loop was blocked, without the time of a suspension. */
  readonly durationMs: number;
  /** The time of the delay that garbage collections took. */
  readonly garbageCollectionMs: number;
  /** How long the whole process was suspended. */
  readonly suspendedMs: number;
  /**
   * The innermost function of the program that did not return. If the stack contains none, a function of a package or, as a
   * last resort, of Node.
   */
  readonly place: StackFrame | undefined;
  /** The stack of the main thread, innermost call first. */
  readonly stack: readonly StackFrame[];
  /** The component whose code blocked, if known. */
  readonly component: DelayingComponent | undefined;
  /** The purpose of the code, such as `GET /report` for the handler of a route, if known. */
  readonly purpose: string | undefined;
  /** The number of delays that the same function has caused, including this one. */
  readonly count: number;
}

/** Describes a delay in one sentence: `crunch() at src/report.ts:12 blocked the event loop for 312 ms`. */
export function delayText({
  cause,
  durationMs,
  garbageCollectionMs,
  suspendedMs,
  place,
  component,
  purpose,
  count,
}: Delay): string {
  const duration = `${Math.round(durationMs)} ms`;
  switch (cause) {
    case 'suspension':
      return `The process was suspended for ${Math.round(suspendedMs)} ms: the machine was asleep or overloaded`;
    case 'garbage collection':
      return `Garbage collection took ${Math.round(garbageCollectionMs)} ms of an event loop delay of ${duration}`;
    case 'unknown':
      return `The event loop was blocked for ${duration}`;
    case 'code': {
      const whose = [component && `of ${componentText(component)}`, purpose && `in ${purpose}`]
        .filter(Boolean)
        .join(' ');
      const times = count > 1 ? `, the ${ordinal(count)} time` : '';
      if (place && isOfNode(place))
        return `Code of Node, called by no function of the program, blocked the event loop for ${duration}${times}`;
      return `${place ? placeText(place) : 'Code'}${whose && `, ${whose},`} blocked the event loop for ${duration}${times}`;
    }
  }
}

/** Whether a call is in Node's own code. */
export function isOfNode({ file }: Pick<StackFrame, 'file'>): boolean {
  return file.startsWith('node:');
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
