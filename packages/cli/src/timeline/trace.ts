/**
 * A timeline in the trace event format, which Perfetto (https://ui.perfetto.dev) and the Performance panel of Chrome
 * open: each component is a thread, what it did are the slices of this, and needs are flows from slice to slice.
 */
import { groupBy } from '../draw/group-by.ts';
import { nameIn, type StretchTiming, type Timeline } from '../recording/timeline.ts';

const pid = 1;
/** One for all: Chrome joins flows and slices only where they agree in it. */
const cat = 'start';

export function timelineTrace(timeline: Timeline): string {
  const { components, stretches } = timeline;
  const threads = threadsOf(timeline);
  const threadOf = new Map(threads.flatMap(({ stretches: own }, tid) => own.map((index) => [index, tid])));
  const typeOf = new Map(components.map(({ path, type }) => [path, type]));
  const slices = stretches.map(({ path, step, beganAt, endedAt, isInChain }, index) => ({
    name: step,
    cat,
    ph: 'X',
    pid,
    tid: threadOf.get(index),
    ts: micro(beganAt),
    dur: micro(endedAt) - micro(beganAt),
    args: { component: path, type: typeOf.get(path), isInChain },
  }));
  const flows = stretches.flatMap((stretch, to) =>
    stretch.needs
      .filter((from) => stretches[from]!.path !== stretch.path)
      .flatMap((from) => {
        const flow = { name: 'need', cat, id: `${from}-${to}`, pid };
        // For Perfetto a flow belongs to the slice that is there at its time, for Chrome to the one that begins then.
        return [
          { ...flow, ph: 's', tid: threadOf.get(from), ts: micro(stretches[from]!.beganAt) },
          { ...flow, ph: 'f', bp: 'e', tid: threadOf.get(to), ts: micro(stretch.beganAt) },
        ];
      }),
  );
  const names = threads.map(({ path, number }, tid) => {
    const name = `${nameIn(timeline, path)}${number > 1 ? ` (${number})` : ''}`;
    return [
      { name: 'thread_name', ph: 'M', pid, tid, args: { name } },
      { name: 'thread_sort_index', ph: 'M', pid, tid, args: { sort_index: tid } },
    ];
  });
  const process = { name: 'process_name', ph: 'M', pid, args: { name: `Start of ${nameIn(timeline, '')}` } };
  const traceEvents = [process, ...names.flat(), ...slices, ...flows];
  return `${JSON.stringify({ traceEvents, displayTimeUnit: 'ms' })}\n`;
}

/** Some of what one component did, with nothing at the same time. */
interface Thread {
  readonly path: string;
  /** Counts the threads of the component. */
  readonly number: number;
  readonly stretches: number[];
}

/** Slices of one thread must not overlap, so what a component does side by side is put on several. */
function threadsOf({ components, stretches }: Timeline): Thread[] {
  const indexes = groupBy(stretches.keys(), (index) => stretches[index]!.path);
  return components.flatMap(({ path }) => {
    const threads: Thread[] = [];
    for (const index of indexes.get(path) ?? []) {
      const free = threads.find(({ stretches: own }) => isOver(stretches[own.at(-1)!]!, stretches[index]!));
      if (free) free.stretches.push(index);
      else threads.push({ path, number: threads.length + 1, stretches: [index] });
    }
    return threads;
  });
}

function isOver(before: StretchTiming, next: StretchTiming): boolean {
  return micro(before.endedAt) <= micro(next.beganAt);
}

/** The format counts in microseconds. */
function micro(ms: number): number {
  return Math.round(ms * 1000);
}
