import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const core = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a script in a separate process and returns its output. */
async function run(script: string, ...flags: string[]): Promise<string> {
  const args = [...flags, '--conditions=source', '--import', 'tsx', '--input-type=module', '-e', script];
  return (await promisify(execFile)(process.execPath, args, { cwd: core })).stdout;
}

describe('dispatch', () => {
  /** Dispatches ten million events to functions, observers and operators; the test counts the lines of `--trace-gc`. */
  const script = (event: string): string => `
    import { filter, map } from 'rxjs';
    import { Signal } from '@asphalt/core';
    const signal = new Signal();
    let count = 0;
    const observer = { next: (event) => { count += event.size; } };
    for (let i = 0; i < 3; i++) signal.subscribe((event) => { count += event.size; });
    signal.subscribe(observer);
    signal.pipe(filter((event) => event.size > 0), map((event) => event.size)).subscribe((size) => { count += size; });
    const unobserved = new Signal();
    const once = { size: 1 };
    const send = (times) => {
      for (let i = 0; i < times; i++) {
        const event = ${event};
        signal.dispatch(event);
        unobserved.dispatch(event);
      }
    };
    send(100_000);
    console.log('start');
    send(10_000_000);
    console.log('end', count);
  `;

  async function collectionsDuring(event: string): Promise<number> {
    const lines = (await run(script(event), '--trace-gc')).split('\n');
    const [start, end] = [lines.indexOf('start'), lines.indexOf(`end ${5 * 10_100_000}`)];
    expect([start, end]).not.toContain(-1);
    return lines.slice(start + 1, end).filter((line) => /Scavenge|Mark-Compact/.test(line)).length;
  }

  test('allocates no memory, so the garbage collector does not run', { timeout: 120_000 }, async () => {
    expect(await collectionsDuring('once')).toBe(0);
    // One allocation per dispatch triggers the garbage collector.
    expect(await collectionsDuring('Object.create(once)')).toBeGreaterThan(5);
  });
});

describe('the garbage collector', () => {
  const script = `
    import { getEventListeners } from 'node:events';
    import { Signal, SignalEvent, streamEvents } from '@asphalt/core';

    class Changed extends SignalEvent {}
    class Detector { changed = new Signal(Changed); }
    const signal = new Signal();
    const other = new Signal();
    const controller = new AbortController();
    const left = { streams: [], events: [], loops: [], owners: [] };
    const kept = [];
    const seen = [];
    let streamed = 0;

    function abandon(number) {
      const event = { number };
      left.events.push(new WeakRef(event));
      const stream = signal.stream({ filter: () => ++streamed > 0, abort: controller.signal });
      const several = streamEvents([signal, other]);
      left.streams.push(new WeakRef(stream), new WeakRef(several));
      signal.dispatch(event);
    }
    /** Waits forever for a promise that no signal can settle. */
    async function stuck(number) {
      const loop = { number };
      left.loops.push(new WeakRef(loop));
      for await (const event of signal) await new Promise(() => loop);
    }
    function dropOwner(number) {
      const owner = new Detector();
      left.owners.push(new WeakRef(owner));
      Signal.adopt(owner, { name: 'Detector', onError() {} });
      owner.changed.dispatch(new Changed());
      kept.push(owner.changed, owner.changed.subscribe(), owner.changed.stream());
    }
    /** Only the signal references this iteration. */
    async function waiting() {
      for await (const event of other) seen.push(event);
    }

    for (let number = 0; number < 100; number++) {
      dropOwner(number);
      abandon(number);
      void stuck(number);
    }
    await null;
    signal.dispatch({ number: 100 });
    await null;
    void waiting();
    const next = other.stream().next();
    void other.wait().then((event) => seen.push(event));
    for (let round = 0; round < 10; round++) {
      await new Promise((resolve) => setImmediate(resolve));
      gc();
    }
    other.dispatch('still');
    await null;
    const alive = Object.entries(left).map(([what, refs]) => [what, refs.filter((ref) => ref.deref() !== undefined).length]);
    const listening = getEventListeners(controller.signal, 'abort').length;
    const { value } = await next;
    const before = streamed;
    signal.dispatch({ number: 101 });
    console.log(JSON.stringify({
      ...Object.fromEntries(alive), observed: signal.observed, listening, filtered: streamed - before, seen, value, kept: kept.length,
    }));
  `;

  test('collects dropped streams with their queued events, and owners whose signals are still referenced', async () => {
    expect(JSON.parse(await run(script, '--expose-gc'))).toEqual({
      streams: 0,
      events: 0,
      loops: 0,
      owners: 0,
      observed: false,
      listening: 0,
      filtered: 0,
      // A consumer that waits for an event is not collected, and receives it.
      seen: ['still', 'still'],
      value: 'still',
      kept: 300,
    });
  });
});
