/**
 * Writes a timeline in the trace event format, which Perfetto (https://ui.perfetto.dev) and the Performance panel of
 * Chrome open. Each component is a thread, its spans are slices, and needs are flows between slices.
 */
import { groupBy } from '../draw/group-by.ts';
import { nameIn, type SpanTiming, type Timeline } from '../recording/timeline.ts';

const pid = 1;
/** One category for all events: Chrome connects flows with slices only if their categories match. */
const cat = 'start';

export function timelineTrace(timeline: Timeline): string {
  const { components, spans } = timeline;
  const threads = threadsOf(timeline);
  const threadOf = new Map(threads.flatMap(({ spans: own }, tid) => own.map((index) => [index, tid])));
  const timingOf = new Map(components.map((component) => [component.path, component]));
  const slices = spans.map(({ path, step, beganAt, endedAt, isInChain }, index) => ({
    name: step,
    cat,
    ph: 'X',
    pid,
    tid: threadOf.get(index),
    ts: micro(beganAt),
    dur: micro(endedAt) - micro(beganAt),
    args: { component: path, type: timingOf.get(path)?.type, isInChain, progress: timingOf.get(path)?.progress },
  }));
  const flows = spans.flatMap((span, to) =>
    span.needs
      .filter((from) => spans[from]!.path !== span.path)
      .flatMap((from) => {
        const flow = { name: 'need', cat, id: `${from}-${to}`, pid };
        // Perfetto assigns a flow to the slice that is active at its time, Chrome to the slice that starts at its time.
        return [
          { ...flow, ph: 's', tid: threadOf.get(from), ts: micro(spans[from]!.beganAt) },
          { ...flow, ph: 'f', bp: 'e', tid: threadOf.get(to), ts: micro(span.beganAt) },
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

/** Spans of one component that do not overlap. */
interface Thread {
  readonly path: string;
  /** The number of the thread within its component, from 1. */
  readonly number: number;
  readonly spans: number[];
}

/** Distributes the concurrent spans of a component over several threads, because slices of a thread must not overlap. */
function threadsOf({ components, spans }: Timeline): Thread[] {
  const indexes = groupBy(spans.keys(), (index) => spans[index]!.path);
  return components.flatMap(({ path }) => {
    const threads: Thread[] = [];
    for (const index of indexes.get(path) ?? []) {
      const free = threads.find(({ spans: own }) => isOver(spans[own.at(-1)!]!, spans[index]!));
      if (free) free.spans.push(index);
      else threads.push({ path, number: threads.length + 1, spans: [index] });
    }
    return threads;
  });
}

function isOver(before: SpanTiming, next: SpanTiming): boolean {
  return micro(before.endedAt) <= micro(next.beganAt);
}

/** Converts milliseconds to microseconds, the unit of the format. */
function micro(ms: number): number {
  return Math.round(ms * 1000);
}
