import { TraceModel, type Types } from '@paulirish/trace_engine/models/trace/trace.js';
import { expect, test } from 'vitest';
import { timelineSvg } from '../../src/timeline/svg.ts';
import { timelineText } from '../../src/timeline/text.ts';
import type { Timeline } from '../../src/recording/timeline.ts';
import { timelineTrace } from '../../src/timeline/trace.ts';

const plain = (_: unknown, text: string): string => text;

/** The root, `sql` with two concurrent providers, and `<web>` which needs one of them. */
const timeline: Timeline = {
  total: 1420,
  components: [
    { path: '', type: 'App', beganAt: 1, endedAt: 1402, own: 1.5, slack: 0, halfSaves: 0.75 },
    { path: '<web>', type: 'Web', beganAt: 1200, endedAt: 1400, own: 200, slack: 0, halfSaves: 100 },
    { path: 'sql', type: 'Sql', beganAt: 2, endedAt: 1200, own: 1198, slack: 0, halfSaves: 599 },
    { path: 'mailer', type: 'Mailer', beganAt: 2, endedAt: 50, own: 48, slack: 1350, halfSaves: 0 },
  ],
  chain: [
    { path: 'mailer', steps: [], time: 2, delay: 0 },
    { path: 'sql', steps: ['construct', 'connect'], time: 1198, delay: 0 },
    { path: '<web>', steps: ['start'], time: 200, delay: 0 },
    { path: '', steps: ['start'], time: 0.01, delay: 0 },
  ],
  spans: [
    { path: '', step: 'construct', beganAt: 1, endedAt: 2, isInChain: false, needs: [] },
    { path: 'sql', step: 'connect', beganAt: 2, endedAt: 1200, isInChain: true, needs: [] },
    { path: 'sql', step: 'pool', beganAt: 2, endedAt: 100, isInChain: false, needs: [] },
    { path: 'mailer', step: 'start', beganAt: 2, endedAt: 50, isInChain: false, needs: [] },
    { path: '<web>', step: 'start', beganAt: 1200, endedAt: 1400, isInChain: true, needs: [1] },
    { path: '', step: 'start', beganAt: 1400, endedAt: 1400, isInChain: true, needs: [0, 4, 3] },
  ],
};

test('the text contains the chain, the duration of each component and the potential savings', () => {
  expect(timelineText(timeline, plain)).toMatchInlineSnapshot(`
    "Started 4 components in 1.42 s

    Critical chain: each component waited for the previous one
      2.0 ms  mailer              blocked the thread
      1.20 s  sql                 construct, connect
      200 ms  <web>               start
       20 ms  before and between

    Components by duration; slack is the delay that would not lengthen the start
        took  component    from      to   slack
      1.20 s  sql        2.0 ms  1.20 s       –
      200 ms  <web>      1.20 s  1.40 s       –
       48 ms  mailer     2.0 ms   50 ms  1.35 s
      1.5 ms  App        1.0 ms  1.40 s       –

    What if
      sql took half as long: saves 599 ms
      <web> took half as long: saves 100 ms
      mailer, App took half as long: saves almost nothing
    "
  `);
});

test('the text truncates long lists and handles a start without duration', () => {
  const some = timeline.components[3]!;
  const many = Array.from({ length: 100 }, (_, index) => ({ ...some, path: `part/${index}` }));
  const text = timelineText({ ...timeline, components: [timeline.components[0]!, ...many] }, plain);
  expect(text).toContain('and 61 more, each 48 ms or less');
  expect(text).toContain('part/9 and 91 more took half as long');
  const none = { ...some, path: '', own: 0 };
  const nothing = timelineText({ total: 0, components: [none], chain: [], spans: [] }, plain);
  expect(nothing).toContain('Started 1 component in 0.0 ms');
  expect(nothing).toContain('no component took long enough');
});

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid?: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly id?: string;
  readonly args?: Record<string, unknown>;
}

test('the trace has a thread for each component, slices without overlaps and flows between slices', () => {
  const { traceEvents } = JSON.parse(timelineTrace(timeline)) as { traceEvents: TraceEvent[] };
  const threads = traceEvents.filter(({ name }) => name === 'thread_name').map(({ args }) => args!['name']);
  expect(threads).toEqual(['App', '<web>', 'sql', 'sql (2)', 'mailer']);

  const slices = traceEvents.filter(({ ph }) => ph === 'X');
  expect(slices).toHaveLength(timeline.spans.length);
  for (const { ts, dur, tid } of slices) {
    expect([ts, dur, tid].every((value) => Number.isInteger(value) && value! >= 0)).toBe(true);
    const overlapping = slices.filter(
      (other) => other.tid === tid && other.ts! < ts! + dur! && ts! < other.ts! + other.dur!,
    );
    expect(overlapping.length).toBeLessThanOrEqual(1);
  }
  expect(slices[1]).toEqual({
    name: 'connect',
    cat: 'start',
    ph: 'X',
    pid: 1,
    tid: 2,
    ts: 2000,
    dur: 1_198_000,
    args: { component: 'sql', type: 'Sql', isInChain: true },
  });

  const starts = traceEvents.filter(({ ph }) => ph === 's');
  const ends = traceEvents.filter(({ ph }) => ph === 'f');
  expect(starts.map(({ id }) => id)).toEqual(ends.map(({ id }) => id));
  expect(new Set(starts.map(({ id }) => id)).size).toBe(3);
  const isWithin = (flow: TraceEvent): boolean =>
    slices.some(({ tid, ts, dur }) => tid === flow.tid && ts! <= flow.ts! && flow.ts! <= ts! + dur!);
  expect([...starts, ...ends].every(isWithin)).toBe(true);
  expect(new Set(traceEvents.map(({ ph }) => ph))).toEqual(new Set(['M', 'X', 's', 'f']));
});

test('Chrome reads the names, slices and flows of the trace', async () => {
  const { traceEvents } = JSON.parse(timelineTrace(timeline)) as { traceEvents: object[] };
  const model = TraceModel.Model.createWithAllHandlers();
  await model.parse(traceEvents as Types.Events.Event[]);
  const { Renderer, Flows, Meta } = model.parsedTrace()!.data;
  const [process] = Renderer.processes.values();
  const nameOf = ({ tid, name }: Types.Events.Event): string => `${process!.threads.get(tid)!.name} ${name}`;
  const threads = Array.from(process!.threads.values(), ({ name, entries }) => [
    name,
    entries.map((entry) => `${entry.name} ${entry.ts / 1000}+${entry.dur! / 1000}`),
  ]);
  expect(Meta.traceIsGeneric).toBe(true);
  expect(Object.fromEntries(threads)).toEqual({
    App: ['construct 1+1', 'start 1400+0'],
    '<web>': ['start 1200+200'],
    sql: ['connect 2+1198'],
    'sql (2)': ['pool 2+98'],
    mailer: ['start 2+48'],
  });
  expect(Flows.flows.map((flow) => flow.map(nameOf).join(' → ')).toSorted()).toEqual([
    '<web> start → App start',
    'mailer start → App start',
    'sql connect → <web> start',
  ]);
});

test('the SVG has a bar for each span and an arrow for each ordering need, and escapes names', () => {
  const svg = timelineSvg(timeline);
  const count = (pattern: RegExp): number => svg.match(pattern)?.length ?? 0;
  expect(count(/<rect class="(bar|chain)" [^>]*><title>/g)).toBe(timeline.spans.length);
  // From `sql` to `<web>`, and from there to the root. The root has no other arrows, because it always starts last.
  expect(count(/<path class="need/g)).toBe(2);
  expect(svg).not.toContain('<web>');
  expect(svg).toContain('>&#60;web&#62;</text>');
  expect(svg).toContain('prefers-color-scheme: dark');
  expect(svg).toContain('<title>sql connect: 1.20 s, from 2.0 ms to 1.20 s</title>');
});

test('all formats contain the last progress text of a component', () => {
  const progress = 'refused by <db>, attempt 7';
  const reported = {
    ...timeline,
    components: timeline.components.map((each) => (each.path === 'sql' ? { ...each, progress } : each)),
  };
  const lines = timelineText(reported, plain).split('\n');
  expect(lines.filter((line) => /from|sql  .*–/.test(line))).toMatchInlineSnapshot(`
    [
      "    took  component    from      to   slack  last progress text",
      "  1.20 s  sql        2.0 ms  1.20 s       –  refused by <db>, attempt 7",
    ]
  `);
  expect(timelineTrace(reported)).toContain(`"type":"Sql","isInChain":true,"progress":"${progress}"`);
  expect(timelineSvg(reported)).toContain('sql<title>refused by &#60;db&#62;, attempt 7</title></text>');
});

test('the SVG of a start without duration has only finite coordinates', () => {
  const svg = timelineSvg({
    total: 0,
    components: [timeline.components[0]!],
    chain: [],
    spans: [timeline.spans[0]!],
  });
  expect(svg).not.toMatch(/NaN|Infinity/);
});
