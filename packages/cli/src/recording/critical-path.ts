/**
 * Computes what determined the duration of a start. The model: a span starts when the last of its needs has ended, plus
 * the recorded delay. Its duration does not depend on other spans. This file does not depend on plans or events.
 */
import { lastEnd, type Span } from './spans.ts';

/** Returns the end of the last span. */
export function lengthOf(spans: readonly Span[]): number {
  return lastEnd(spans, [...spans.keys()]);
}

/**
 * Returns the critical path in chronological order. It ends at the span that ended last, and each span is preceded by
 * the one of its needs that ended last.
 */
export function criticalPath(spans: readonly Span[]): number[] {
  const path: number[] = [];
  let next = latest(spans, [...spans.keys()]);
  while (next !== undefined) {
    path.push(next);
    next = latest(spans, spans[next]!.needs);
  }
  return path.reverse();
}

/** Returns the slack of each span: the milliseconds by which it can be longer without a longer start. */
export function slackOf(spans: readonly Span[]): number[] {
  const length = lengthOf(spans);
  const slack = spans.map(({ ended }) => length - ended);
  for (let index = spans.length - 1; index >= 0; index--) {
    const { needs } = spans[index]!;
    const due = lastEnd(spans, needs);
    for (const need of needs) {
      slack[need] = Math.min(slack[need]!, slack[index]! + due - spans[need]!.ended);
    }
  }
  return slack;
}

/** Returns a function that computes the duration of the start if each component's own time is multiplied by a factor. */
export function whatIf(spans: readonly Span[]): (factorOf: (component: number) => number) => number {
  const delays = spans.map(({ began, needs }) => began - lastEnd(spans, needs));
  const ends = new Float64Array(spans.length);
  return (factorOf) => {
    let length = 0;
    for (let index = 0; index < spans.length; index++) {
      const { component, began, ended, needs, blockedBy } = spans[index]!;
      let due = 0;
      for (const need of needs) due = Math.max(due, ends[need]!);
      let delay = delays[index]!;
      for (const blocker of blockedBy) delay -= blocker.ms * (1 - factorOf(blocker.component));
      const factor = component === undefined ? 1 : factorOf(component);
      const end = due + Math.max(0, delay) + (ended - began) * factor;
      ends[index] = end;
      length = Math.max(length, end);
    }
    return length;
  };
}

function latest(spans: readonly Span[], indexes: readonly number[]): number | undefined {
  let found: number | undefined;
  for (const index of indexes) {
    if (found === undefined || spans[index]!.ended >= spans[found]!.ended) found = index;
  }
  return found;
}
