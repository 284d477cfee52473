/** Which function to name when the event loop was blocked, out of the stacks that were seen meanwhile. */
import type { DelayingComponent, StackFrame } from './delay.ts';
import type { Sample } from './messages.ts';

/** Which share of the time is so short that the code seen in it need not be the code that blocked. */
const shortShare = 1 / 8;

export interface BlockingPlace {
  readonly place: StackFrame | undefined;
  readonly stack: readonly StackFrame[];
  readonly component: DelayingComponent | undefined;
}

/**
 * The innermost function of the program that was there each time: where a loop calls one thing after the other, that is
 * the function with the loop. Where the stacks have none in common, the first is taken: it was there when the delay grew
 * too long.
 */
export function blockingPlace(samples: readonly Sample[]): BlockingPlace {
  const [first] = samples;
  if (!first) return { place: undefined, stack: [], component: undefined };
  const common = samples.reduce((depth, { frames }) => Math.min(depth, commonDepth(first.frames, frames)), Infinity);
  const shared = first.frames.slice(Math.max(0, first.frames.length - common));
  const place = shared.find(isOwn) ?? first.frames.find(isOwn) ?? first.frames[0];
  return { place, stack: first.frames, component: first.component };
}

/**
 * The stacks that tell of a time in which nothing else ran. What was seen only just before its end may have come after the
 * code that took so long, in the same turn of the event loop; it counts where nothing else was seen.
 */
export function tellingSamples(samples: readonly Sample[], from: number, to: number): readonly Sample[] {
  const early = samples.filter(({ at }) => to - at > (to - from) * shortShare);
  return early.length > 0 ? early : samples;
}

/** How many calls two stacks share, counted from the outermost. */
function commonDepth(one: readonly StackFrame[], other: readonly StackFrame[]): number {
  let depth = 0;
  while (depth < one.length && depth < other.length && isSame(one.at(-1 - depth)!, other.at(-1 - depth)!)) depth++;
  return depth;
}

function isSame(one: StackFrame, other: StackFrame): boolean {
  return one.function === other.function && one.file === other.file;
}

/** Code of the program itself, which its author can change. */
function isOwn({ file }: StackFrame): boolean {
  return file !== '' && !file.startsWith('node:') && !/[\\/]node_modules[\\/]/.test(file);
}
