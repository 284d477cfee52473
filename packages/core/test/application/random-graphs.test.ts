/** Invariants of the order, the teardown and the errors of random applications that stop at random times. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  Application,
  component,
  Component,
  inject,
  provides,
  StartError,
  StopError,
  token,
  type ComponentClass,
} from '@asphalt/core';
import { StartCancelledError } from '@asphalt/core/errors';
import { planApplication } from '@asphalt/core/inspect';

type Phase = 'construct' | 'prepare' | 'provide' | 'start' | 'ready';

/** Behavior of one phase of a component. */
interface PhaseSpec {
  readonly exists: boolean;
  readonly isGenerator: boolean;
  readonly isAsync: boolean;
  /** Number of turns for the run and for the undo; ignored if the phase is synchronous. */
  readonly turns: number;
  readonly fails: boolean;
  readonly undoFails: boolean;
}

interface Spec {
  readonly parent: number;
  readonly phases: Readonly<Record<Phase, PhaseSpec>>;
  /** Needs by phase. Needs of `start` refer to any component, the others only to earlier ones. */
  readonly needs: Readonly<Record<'construct' | 'property' | 'provide' | 'start', readonly number[]>>;
}

interface Run {
  readonly specs: readonly Spec[];
  /** Number of turns after which the test stops the application, possibly during the start. */
  readonly stopAfter: number | undefined;
  readonly endedBy: Error | undefined;
}

const size = 60;

function phaseSpec(failure: number): fc.Arbitrary<PhaseSpec> {
  const rarely = fc.integer({ min: 0, max: 999 }).map((roll) => roll < failure);
  return fc.record({
    exists: fc.boolean(),
    isGenerator: fc.boolean(),
    isAsync: fc.boolean(),
    turns: fc.nat({ max: 4 }),
    fails: rarely,
    undoFails: rarely,
  });
}

const specOf = (index: number, failure: number): fc.Arbitrary<Spec> => {
  const earlier = fc.uniqueArray(fc.nat({ max: Math.max(0, index - 1) }), { maxLength: index === 0 ? 0 : 2 });
  const any = fc.uniqueArray(fc.nat({ max: size - 1 }), { maxLength: 2 });
  const phase = phaseSpec(failure);
  return fc.record({
    parent: fc.integer({ min: -1, max: index - 1 }),
    phases: fc.record({ construct: phase, prepare: phase, provide: phase, start: phase, ready: phase }),
    needs: fc.record({ construct: earlier, property: earlier, provide: earlier, start: any }),
  });
};

const runs: fc.Arbitrary<Run> = fc.constantFrom(0, 0, 2, 20).chain((failure) =>
  fc.record({
    specs: fc.tuple(...Array.from({ length: size }, (_, index) => specOf(index, failure))),
    stopAfter: fc.option(fc.nat({ max: 40 }), { nil: undefined }),
    endedBy: fc.option(fc.constant(new Error('the end')), { nil: undefined }),
  }),
);

/** Records `begin`, `end`, `fail`, `undo` and `undone` of all phases in order. */
class Diary {
  readonly lines: string[] = [];
  readonly errors = new Map<string, Error>();

  note(what: 'begin' | 'end' | 'undo' | 'undone', name: string): void {
    this.lines.push(`${what} ${name}`);
  }

  fail(name: string): never {
    const error = new Error(name);
    this.errors.set(name, error);
    this.lines.push(`fail ${name}`);
    throw error;
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left--) await turn();
}

/** Creates the body of a hook or provider, which behaves as specified, returns a value and registers its undo. */
function bodyOf(diary: Diary, name: string, { isGenerator, isAsync, turns: count, fails, undoFails }: PhaseSpec) {
  const undone = (): void => {
    if (undoFails) diary.fail(`${name} undo`);
    diary.note('undone', name);
  };
  const undo = (): void | Promise<void> => {
    diary.note('undo', name);
    return isAsync ? turns(count).then(undone) : undone();
  };
  const begin = (): void | Promise<void> => {
    diary.note('begin', name);
    const end = (): void => {
      if (fails) diary.fail(name);
      diary.note('end', name);
    };
    return isAsync ? turns(count).then(end) : end();
  };
  const value = { name };
  if (isGenerator && isAsync) {
    return async function* (): AsyncGenerator<object, void, unknown> {
      await begin();
      yield value;
      await undo();
    };
  }
  if (isGenerator) {
    return function* (): Generator<object, void, unknown> {
      void begin();
      yield value;
      void undo();
    };
  }
  return function (this: Component): object | Promise<object> {
    const ended = begin();
    // Without a generator, the undo is a teardown callback.
    const keep = (): object => {
      this.context.onTeardown(undo);
      return value;
    };
    return ended ? ended.then(keep) : keep();
  };
}

/** Creates the application. Each component provides one key of its own. */
function applicationOf({ specs }: Run, diary: Diary): ComponentClass {
  const keys = specs.map((_, index) => token<object>(`key ${index}`));
  const classes = specs.map(({ phases, needs }, index) => {
    const { construct } = phases;
    class Node extends Component {
      constructor(..._needs: object[]) {
        super();
        const name = `${index} construct`;
        diary.note('begin', name);
        if (construct.fails) diary.fail(name);
        this.context.onTeardown(() => {
          diary.note('undo', name);
          diary.note('undone', name);
        });
        diary.note('end', name);
      }
    }
    const prototype = Node.prototype as unknown as Record<string, unknown>;
    for (const phase of ['prepare', 'start', 'ready'] as const) {
      if (phases[phase].exists) prototype[phase] = bodyOf(diary, `${index} ${phase}`, phases[phase]);
    }
    prototype['make'] = bodyOf(diary, `${index} provide`, phases.provide);
    provides(keys[index]!)(
      prototype,
      'make',
      Object.getOwnPropertyDescriptor(prototype, 'make') as TypedPropertyDescriptor<() => object>,
    );
    needs.construct.forEach((need, at) => inject(keys[need]!)(Node as never, undefined, at));
    needs.property.forEach((need) => inject(keys[need]!)(prototype, `need of ${need}`));
    needs.provide.forEach((need, at) => inject(keys[need]!)(prototype, 'make', at));
    if (phases.start.exists) needs.start.forEach((need, at) => inject(keys[need]!)(prototype, 'start', at));
    return Node;
  });
  const childrenOf = (parent: number): Record<string, ComponentClass> =>
    Object.fromEntries(
      classes.map((type, index) => [`c${index}`, type] as const).filter((_, index) => specs[index]!.parent === parent),
    );
  // No alias has a name, so every component provides under the name `default`.
  classes.forEach((type, index) => component({ components: childrenOf(index) })(type));
  class Root extends Component {}
  component({ components: childrenOf(-1) })(Root);
  return Root;
}

/** Returns the phases that each phase waits for, according to the documentation. */
function needsOf({ specs }: Run): Map<string, string[]> {
  const needs = new Map<string, string[]>();
  const ancestors = (index: number): number[] => {
    const { parent } = specs[index]!;
    return parent < 0 ? [] : [parent, ...ancestors(parent)];
  };
  const has = (index: number, phase: Phase): string[] =>
    specs[index]!.phases[phase].exists ? [`${index} ${phase}`] : [];
  specs.forEach(({ needs: own }, index) => {
    const made = [`${index} construct`];
    needs.set(`${index} construct`, [
      ...[...own.construct, ...own.property].map((need) => `${need} provide`),
      ...ancestors(index).flatMap((above) => has(above, 'prepare')),
    ]);
    needs.set(`${index} prepare`, made);
    needs.set(`${index} provide`, [...made, ...has(index, 'prepare'), ...own.provide.map((need) => `${need} provide`)]);
    const below = [...specs.keys()].filter((other) => ancestors(other).includes(index));
    needs.set(`${index} start`, [
      ...made,
      ...has(index, 'prepare'),
      `${index} provide`,
      ...own.start.map((need) => `${need} provide`),
      ...below.flatMap((other) => [`${other} provide`, ...has(other, 'start')]),
    ]);
  });
  const started = specs.flatMap((_, index) => [`${index} provide`, ...has(index, 'start')]);
  specs.forEach((_, index) => needs.set(`${index} ready`, started));
  return needs;
}

/** Returns the single errors in a thrown value. */
function flat(thrown: unknown): unknown[] {
  if (thrown instanceof StartError) return thrown.errors.flatMap(flat);
  if (thrown instanceof StopError) return thrown.errors.flatMap(({ error }) => flat(error));
  return [(thrown as { code?: string }).code === 'ERR_COMPONENT_START' ? (thrown as Error).cause : thrown];
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});

afterEach(() => {
  vi.useRealTimers();
});

test('random applications keep the order of needs, undo every phase that ended, and report every error', async () => {
  const listeners = process.eventNames().map((name) => [name, process.listenerCount(name)]);
  const outcomes = { started: 0, failed: 0, cancelled: 0, undoFailed: 0 };
  const property = fc.asyncProperty(runs, async (run) => {
    const diary = new Diary();
    const reported: unknown[] = [];
    const plan = await planApplication(applicationOf(run, diary));
    expect(plan.problems).toEqual([]);
    const app = new Application(plan, { onError: (error) => reported.push(error) });
    const thrown: unknown[] = [];
    const keep = (error: unknown): void => void thrown.push(error);
    const starting = app.start().then(() => void outcomes.started++, keep);
    if (run.stopAfter === undefined) await starting;
    else await turns(run.stopAfter);
    await app.stop(run.endedBy).catch(keep);
    await starting;

    // Each phase starts after its needs have ended, and is undone before its needs are undone.
    const { lines } = diary;
    const position = new Map(lines.map((line, index) => [line, index]));
    const at = (line: string): number => position.get(line) ?? -1;
    expect(position.size).toBe(lines.length);
    const wrong: string[] = [];
    for (const [name, needs] of needsOf(run)) {
      const started = at(`begin ${name}`);
      if (started < 0) continue;
      const isUndone = at(`undo ${name}`) >= 0;
      const last = Math.max(at(`undone ${name}`), at(`fail ${name} undo`));
      for (const need of needs) {
        const ended = at(`end ${need}`);
        if (ended < 0 || ended > started) wrong.push(`${name} starts before ${need}`);
        if (isUndone && (last < 0 || last > at(`undo ${need}`))) wrong.push(`${need} is undone before ${name}`);
      }
    }
    // Exactly the phases that ended are undone.
    for (const line of lines) {
      const name = line.slice(line.indexOf(' ') + 1);
      if (line.startsWith('end ') && at(`undo ${name}`) < 0) wrong.push(`${name} is not undone`);
      if (line.startsWith('undo ') && at(`end ${name}`) < 0) wrong.push(`${name} is undone and did not end`);
    }
    expect(wrong).toEqual([]);
    // All injected errors are reported, and no others except cancellations.
    const received = new Set([...thrown, ...reported].flatMap(flat));
    const injected = new Set<unknown>(diary.errors.values());
    expect([...injected].filter((error) => !received.has(error))).toEqual([]);
    const others = [...received].filter((error) => !injected.has(error) && error !== run.endedBy);
    expect(others.every((error) => error instanceof StartCancelledError)).toBe(true);
    expect(reported).toEqual([]);
    // Nothing remains open.
    expect(app.state).toBe('stopped');
    expect(app.context.state).toBe('closed');
    expect(vi.getTimerCount()).toBe(0);
    if (others.length > 0) outcomes.cancelled++;
    if (diary.errors.size > 0) outcomes.failed++;
    if (lines.some((line) => /^fail .* undo$/.test(line))) outcomes.undoFailed++;
  });
  // Repeat until every outcome has occurred. One round is nearly always enough.
  do await fc.assert(property, { numRuns: 60, endOnFailure: true });
  while (Object.values(outcomes).includes(0));
  expect(process.eventNames().map((name) => [name, process.listenerCount(name)])).toEqual(listeners);
});
