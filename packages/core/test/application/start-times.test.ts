/**
 * An application starts as fast as its slowest chain. Every phase of a random graph starts, and the application has
 * started, at the same time on a shared clock as with promises that are wired by hand.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Application, component, Component, inject, provides, token, type ComponentClass } from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import { VirtualClock } from './virtual-clock.ts';

const size = 200;
const hooks = ['prepare', 'start', 'ready'] as const;

interface Spec {
  readonly parent: number;
  /** Duration of each phase. A phase of 0 ms is synchronous; a hook without a duration does not exist. */
  readonly delays: Readonly<Record<'prepare' | 'start' | 'ready', number | undefined>> & { readonly provide: number };
  /** Needs by phase. Needs of `start` and `ready` refer to any component, the others only to earlier ones. */
  readonly needs: Readonly<Record<'construct' | 'provide' | 'start' | 'ready', readonly number[]>>;
}

const delay = fc.oneof(fc.constant(0), fc.nat({ max: 1000 }));
const maybe = fc.option(delay, { nil: undefined });

function specOf(index: number): fc.Arbitrary<Spec> {
  const earlier = fc.uniqueArray(fc.nat({ max: Math.max(0, index - 1) }), { maxLength: index === 0 ? 0 : 2 });
  const any = fc.uniqueArray(fc.nat({ max: size - 1 }), { maxLength: 2 });
  return fc.record({
    parent: fc.integer({ min: -1, max: index - 1 }),
    delays: fc.record({ prepare: maybe, provide: delay, start: maybe, ready: maybe }),
    needs: fc.record({ construct: earlier, provide: earlier, start: any, ready: any }),
  });
}

const graphs = fc.tuple(...Array.from({ length: size }, (_, index) => specOf(index)));

/** Start time of each phase. */
type StartTimes = Map<string, number>;

function applicationOf(specs: readonly Spec[], clock: VirtualClock, times: StartTimes): ComponentClass {
  const keys = specs.map((_, index) => token<object>(`key ${index}`));
  const body = (name: string, milliseconds: number) => (): object | Promise<object> => {
    times.set(name, clock.now);
    return milliseconds === 0 ? {} : clock.delay(milliseconds).then(() => ({}));
  };
  const classes = specs.map(({ delays, needs }, index) => {
    class Node extends Component {
      constructor(..._needs: object[]) {
        super();
        times.set(`${index} construct`, clock.now);
      }
    }
    const prototype = Node.prototype as unknown as Record<string, unknown>;
    for (const hook of hooks) {
      const milliseconds = delays[hook];
      if (milliseconds !== undefined) prototype[hook] = body(`${index} ${hook}`, milliseconds);
    }
    const value = body(`${index} provide`, delays.provide);
    prototype['make'] = value;
    provides(keys[index]!)(prototype, 'make', { value });
    needs.construct.forEach((need, at) => inject(keys[need]!)(Node as never, undefined, at));
    needs.provide.forEach((need, at) => inject(keys[need]!)(prototype, 'make', at));
    for (const hook of ['start', 'ready'] as const) {
      if (delays[hook] === undefined) continue;
      needs[hook].forEach((need, at) => inject(keys[need]!)(prototype, hook, at));
    }
    return Node;
  });
  const childrenOf = (parent: number): Record<string, ComponentClass> =>
    Object.fromEntries(
      classes.map((type, index) => [`c${index}`, type] as const).filter((_, index) => specs[index]!.parent === parent),
    );
  classes.forEach((type, index) => component({ components: childrenOf(index) })(type));
  class Root extends Component {}
  component({ components: childrenOf(-1) })(Root);
  return Root;
}

/** Runs the same graph with promises wired by hand. Each phase awaits the phases that the documentation specifies. */
async function wiredByHand(specs: readonly Spec[], clock: VirtualClock, times: StartTimes): Promise<void> {
  const running = new Map<string, Promise<void>>();
  const promiseOf = (name: string): Promise<void> => running.get(name) ?? run(name);
  const run = (name: string): Promise<void> => {
    const [index, phase] = name.split(' ') as [string, 'construct' | 'prepare' | 'provide' | 'start'];
    const { delays } = specs[Number(index)]!;
    const milliseconds = phase === 'construct' ? 0 : delays[phase];
    const promise = Promise.all(waitsFor(Number(index), phase).map(promiseOf)).then(() => {
      if (milliseconds === undefined) return undefined;
      times.set(name, clock.now);
      return milliseconds === 0 ? undefined : clock.delay(milliseconds);
    });
    running.set(name, promise);
    return promise;
  };
  const ancestors = ancestorsOf(specs);
  const children = specs.map((_, index) => [...specs.keys()].filter((other) => specs[other]!.parent === index));
  const waitsFor = (index: number, phase: 'construct' | 'prepare' | 'provide' | 'start'): string[] => {
    const { needs, delays } = specs[index]!;
    const preparing = (list: readonly number[]): number[] =>
      list.filter((above) => specs[above]!.delays.prepare !== undefined);
    const provided = (list: readonly number[]): string[] => list.map((need) => `${need} provide`);
    switch (phase) {
      case 'construct':
        return [...provided(needs.construct), ...preparing(ancestors[index]!).map((above) => `${above} prepare`)];
      case 'prepare':
        return [`${index} construct`];
      case 'provide':
        return [`${index} prepare`, ...provided(needs.provide)];
      case 'start':
        return [
          `${index} provide`,
          ...(delays.start === undefined ? [] : provided(needs.start)),
          ...children[index]!.map((child) => `${child} start`),
        ];
    }
  };
  await Promise.all(specs.map((_, index) => promiseOf(`${index} start`)));

  const order = readyOrder(specs, ancestors, children);
  const readies = new Map<number, Promise<void>>();
  const ready = (index: number): Promise<void> => {
    const known = readies.get(index);
    if (known) return known;
    const promise = Promise.all(order[index]!.map(ready)).then(() => {
      const milliseconds = specs[index]!.delays.ready;
      if (milliseconds === undefined) return undefined;
      times.set(`${index} ready`, clock.now);
      return milliseconds === 0 ? undefined : clock.delay(milliseconds);
    });
    readies.set(index, promise);
    return promise;
  };
  await Promise.all(specs.map((_, index) => ready(index)));
}

function ancestorsOf(specs: readonly Spec[]): number[][] {
  const ancestors: number[][] = [];
  for (const { parent } of specs) ancestors.push(parent < 0 ? [] : [parent, ...ancestors[parent]!]);
  return ancestors;
}

/** Returns the components whose `ready` runs first: children and needs, except ancestors and needs in a cycle. */
function readyOrder(
  specs: readonly Spec[],
  ancestors: readonly number[][],
  children: readonly number[][],
): ReadonlyArray<readonly number[]> {
  const needed = specs.map(({ needs, delays }, index) =>
    [
      ...needs.construct,
      ...needs.provide,
      ...(delays.start === undefined ? [] : needs.start),
      ...(delays.ready === undefined ? [] : needs.ready),
    ].filter((need) => need !== index && !ancestors[index]!.includes(need)),
  );
  const edges = specs.map((_, index) => [...children[index]!, ...needed[index]!]);
  const reached = edges.map((next) => {
    const seen = new Set(next);
    for (const at of seen) for (const other of edges[at]!) seen.add(other);
    return seen;
  });
  return specs.map((_, index) => [...children[index]!, ...needed[index]!.filter((need) => !reached[need]!.has(index))]);
}

test('every phase starts at the same time as with promises wired by hand', async () => {
  const clock = new VirtualClock();
  await fc.assert(
    fc.asyncProperty(graphs, async (specs) => {
      const [ours, theirs]: [StartTimes, StartTimes] = [new Map(), new Map()];
      const plan = await planApplication(applicationOf(specs, clock, ours));
      expect(plan.problems).toEqual([]);
      // A limit would use the real clock.
      const app = new Application(plan, { startTimeout: 0 });
      const origin = clock.now;
      const time = await clock.timeOf(() => app.start());
      const again = clock.now;
      const byHand = await clock.timeOf(() => wiredByHand(specs, clock, theirs));
      await app.stop();
      const since = (times: StartTimes, start: number): object =>
        Object.fromEntries([...times].map(([name, at]) => [name, at - start] as const).sort());
      expect(since(ours, origin)).toEqual(since(theirs, again));
      expect(time).toBe(byHand);
      expect(time).toBeGreaterThan(0);
    }),
    { numRuns: 10, endOnFailure: true },
  );
});
