/**
 * What decided how long a start took. The model: a stretch begins when the last of its needs has ended, plus the delay
 * that was recorded between the two; how long it takes depends on nobody else.
 */
import { lastEnd, type Stretch } from './stretches.ts';

/** When the last stretch ended. */
export function lengthOf(stretches: readonly Stretch[]): number {
  return lastEnd(stretches, [...stretches.keys()]);
}

/** The way back from what ended last, each time to the need that ended last; the first one comes first. */
export function criticalPath(stretches: readonly Stretch[]): number[] {
  const path: number[] = [];
  let next = latest(stretches, [...stretches.keys()]);
  while (next !== undefined) {
    path.push(next);
    next = latest(stretches, stretches[next]!.needs);
  }
  return path.reverse();
}

/** For each stretch, how much longer it could have taken without the whole taking longer, in milliseconds. */
export function slackOf(stretches: readonly Stretch[]): number[] {
  const length = lengthOf(stretches);
  const slack = stretches.map(({ ended }) => length - ended);
  for (let index = stretches.length - 1; index >= 0; index--) {
    const { needs } = stretches[index]!;
    const due = lastEnd(stretches, needs);
    for (const need of needs) {
      slack[need] = Math.min(slack[need]!, slack[index]! + due - stretches[need]!.ended);
    }
  }
  return slack;
}

/**
 * Tells how long it had taken if each component's own time were multiplied by a factor, in milliseconds. What is the
 * same for all such questions is calculated once.
 */
export function whatIf(stretches: readonly Stretch[]): (factorOf: (component: number) => number) => number {
  const delays = stretches.map(({ began, needs }) => began - lastEnd(stretches, needs));
  const ends = new Float64Array(stretches.length);
  return (factorOf) => {
    let length = 0;
    for (let index = 0; index < stretches.length; index++) {
      const { component, began, ended, needs, heldUpBy } = stretches[index]!;
      let due = 0;
      for (const need of needs) due = Math.max(due, ends[need]!);
      let delay = delays[index]!;
      for (const held of heldUpBy) delay -= held.ms * (1 - factorOf(held.component));
      const factor = component === undefined ? 1 : factorOf(component);
      const end = due + Math.max(0, delay) + (ended - began) * factor;
      ends[index] = end;
      length = Math.max(length, end);
    }
    return length;
  };
}

function latest(stretches: readonly Stretch[], indexes: readonly number[]): number | undefined {
  let found: number | undefined;
  for (const index of indexes) {
    if (found === undefined || stretches[index]!.ended >= stretches[found]!.ended) found = index;
  }
  return found;
}
