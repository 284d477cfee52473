/** Selects the function that blocked the event loop from samples of the stack. */
import { isOfNode, type StackFrame } from './delay.ts';
import type { Sample } from './messages.ts';

/** The last part of a delay, in which a sample may show other code than the code that blocked. */
const shortShare = 1 / 8;

export interface BlockingPlace {
  readonly place: StackFrame | undefined;
  readonly stack: readonly StackFrame[];
  /** For each call on the stack, the component that is its `this`. */
  readonly owners: Sample['owners'];
  /** For each call on the stack, the place of its function. */
  readonly functions: Sample['functions'];
}

/**
 * Returns the innermost function of the program that is in all samples. For a loop that calls several functions, this is
 * the function with the loop. If the samples have no such function in common, the first sample with a function of the program
 * decides, because the earliest shows the code that made the delay too long. Without any, the place is in a package, or else
 * in Node.
 */
export function blockingPlace(samples: readonly Sample[]): BlockingPlace {
  const [first] = samples;
  if (!first) return { place: undefined, stack: [], owners: [], functions: [] };
  const common = samples.reduce((depth, { frames }) => Math.min(depth, commonDepth(first.frames, frames)), Infinity);
  const shared = first.frames.slice(Math.max(0, first.frames.length - common)).find(isOwn);
  if (shared) return { place: shared, stack: first.frames, owners: first.owners, functions: first.functions };
  const { frames, owners, functions } = samples.find((sample) => sample.frames.some(isOwn)) ?? first;
  const place = frames.find(isOwn) ?? frames.find((frame) => !isOfNode(frame)) ?? frames[0];
  return { place, stack: frames, owners, functions };
}

/**
 * Returns the samples that show the code that blocked. A sample just before the end of the delay may show later code of the
 * same turn of the event loop. It counts only if no earlier sample exists.
 */
export function relevantSamples(samples: readonly Sample[], from: number, to: number): readonly Sample[] {
  const early = samples.filter(({ at }) => to - at > (to - from) * shortShare);
  return early.length > 0 ? early : samples;
}

/** Returns the number of calls that two stacks have in common, from the outermost. */
function commonDepth(one: readonly StackFrame[], other: readonly StackFrame[]): number {
  let depth = 0;
  while (depth < one.length && depth < other.length && isSame(one.at(-1 - depth)!, other.at(-1 - depth)!)) depth++;
  return depth;
}

function isSame(one: StackFrame, other: StackFrame): boolean {
  return one.function === other.function && one.file === other.file;
}

/** Whether a call is in code of the program itself, which its author can change. */
export function isOwn({ file }: Pick<StackFrame, 'file'>): boolean {
  return file !== '' && !isOfNode({ file }) && !/^wasm:|[\\/]node_modules[\\/]/.test(file);
}
