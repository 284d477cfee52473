/** Generates descriptions of applications. Numbers are drawn independently and made consistent afterwards, so that they shrink well. */
import fc from 'fast-check';
import {
  isRequired,
  rootIndex,
  type Behavior,
  type ComponentType,
  type Description,
  type Ending,
  type Handler,
  type Need,
  type NeedPlace,
  type Provider,
} from './description.ts';
import { consistentSettings, rawChange, rawSetting, withMoreOfRoot, type Raw } from './random-settings.ts';

export interface GeneratorOptions {
  readonly size: number;
  /** Whether the application runs as a process of its own: it ends by a signal, and its time limits are real. */
  readonly ownsProcess: boolean;
}

/** Generates random applications. Some of them fail. */
export function applications({ size, ownsProcess }: GeneratorOptions): fc.Arbitrary<Description> {
  return fc
    .record({
      failures: fc.constantFrom(0, 0, 0, 30, 120),
      raw: fc.array(rawType, { minLength: 2, maxLength: size }),
      settings: fc.array(rawSetting, { maxLength: 10 }),
      changes: fc.array(rawChange, { minLength: 1, maxLength: 3 }),
      ending: endings(ownsProcess),
      open: sometimes(15, fc.boolean()),
      isObserved: fc.nat({ max: 3 }).map((roll) => roll > 0),
    })
    .map(({ failures, raw, settings, changes, ending, open, isObserved }) => {
      const types: ComponentType[] = [];
      for (const each of raw) types.push(typeOf(each, types, { failures, ownsProcess }));
      const isOpen = open !== undefined;
      const all = consistentSettings([...changes, ...settings], types);
      const kept = isOpen ? withMoreOfRoot(all, open) : all;
      return { types, settings: kept, ending, isOpen, isObserved };
    });
}

/** Generates a value in some of 100 cases. */
function sometimes<T>(percent: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 100 - percent, arbitrary: fc.constant(undefined) }, { weight: percent, arbitrary });
}

const rawBehavior = fc.record({
  style: fc.constantFrom('sync', 'async', 'generator', 'asyncGenerator'),
  turns: fc.nat({ max: 3 }),
  /** Compared with the share of failures, out of 1,000. */
  fault: fc.nat({ max: 999 }),
  faultKind: fc.constantFrom('throws', 'throws', 'throws', 'hangs', 'stalls'),
  undo: fc.constantFrom('none', 'runs'),
  undoFault: fc.nat({ max: 999 }),
  undoFaultKind: fc.constantFrom('throws', 'throws', 'hangs'),
});

const rawNeed = fc.record({
  at: fc.constantFrom<NeedPlace>('construct', 'property', 'prepare', 'provide', 'start', 'ready', 'task', 'handler'),
  type: fc.nat({ max: 999 }),
  how: fc.constantFrom('plain', 'plain', 'plain', 'named', 'option', 'optional', 'deferred', 'all'),
  name: fc.nat({ max: 1 }),
});

const rawTask = fc.record({
  turns: fc.nat({ max: 3 }),
  fault: fc.nat({ max: 999 }),
  events: fc.nat({ max: 3 }),
  isEndless: fc.boolean(),
});

const rawHandler = fc.record({
  type: fc.nat({ max: 999 }),
  all: fc.boolean(),
  turns: fc.nat({ max: 2 }),
  failsAt: sometimes(30, fc.nat({ max: 2 })),
  concurrency: fc.integer({ min: 1, max: 2 }),
});

const rawType = fc.record({
  names: fc.constantFrom(['default'], ['default'], ['default'], ['blue'], ['blue', 'red'], ['default', 'red']),
  parent: fc.nat({ max: 999 }),
  declaredIn: fc.constantFrom('code', 'code', 'function', 'config', 'types'),
  isApart: fc.boolean(),
  layout: fc.constantFrom('block', 'block', 'line', 'twin'),
  inherits: fc.nat({ max: 4 }).map((roll) => roll === 4),
  provides: fc.constantFrom('method', 'method', 'method', 'method', 'start', 'factory', 'nothing'),
  hasDispose: fc.boolean(),
  construct: rawBehavior,
  prepare: sometimes(30, rawBehavior),
  provide: rawBehavior,
  start: sometimes(50, rawBehavior),
  ready: sometimes(30, rawBehavior),
  needs: fc.array(rawNeed, { maxLength: 4 }),
  task: sometimes(40, rawTask),
  handler: sometimes(40, rawHandler),
  health: fc.constantFrom('none', 'none', 'up', 'down'),
  lookup: sometimes(20, fc.nat({ max: 999 })),
  limits: fc.record({ start: fc.boolean(), stop: fc.boolean() }),
});

interface Terms {
  readonly failures: number;
  readonly ownsProcess: boolean;
}

/** Creates a consistent type. @param earlier - the types before it */
function typeOf(raw: Raw<typeof rawType>, earlier: readonly ComponentType[], terms: Terms): ComponentType {
  const index = earlier.length;
  // A resource that `start()` publishes would wait for the children, which may need it.
  const parents = earlier.filter(({ layout, provides }) => layout !== 'twin' && provides !== 'start');
  const candidates = [rootIndex, ...parents.map((each) => each.index)];
  const parent = candidates[raw.parent % candidates.length]!;
  const declaredIn = declarationIn(raw.declaredIn, parent, earlier);
  const names = raw.layout === 'twin' ? ['default'] : raw.names;
  const own = { index, names, parent, declaredIn, provides: raw.provides };
  const all = [...earlier, own];
  const start = raw.provides === 'start' ? (raw.start ?? { ...raw.provide, turns: 0 }) : raw.start;
  const limits = { start: raw.limits.start ? 50 : undefined, stop: raw.limits.stop ? 50 : undefined };
  const type: Omit<ComponentType, 'startTimeout' | 'stopTimeout'> = {
    ...own,
    isApart: raw.isApart,
    layout: raw.layout,
    inherits: raw.inherits && index > 0 && earlier[0]!.provides === 'method' && isRequired(earlier[0]!, all),
    hasDispose: raw.hasDispose,
    // A constructor that fails leaves little to compare.
    construct: behaviorOf({ ...raw.construct, style: 'sync', fault: raw.construct.fault * 4 }, terms),
    prepare: raw.prepare && behaviorOf(raw.prepare, terms),
    provide: behaviorOf(raw.provide, terms),
    start: start && behaviorOf(start, terms),
    ready: raw.ready && behaviorOf(raw.ready, terms),
    needs: raw.needs.flatMap((need) => needOf(need, own, all)),
    task: raw.task && {
      ...raw.task,
      fault: raw.task.fault < terms.failures / 2 ? 'throws' : 'none',
      events: raw.provides === 'method' ? raw.task.events : 0,
    },
    handler: raw.handler && handlerOf(raw.handler, earlier),
    health: raw.health,
    lookup: raw.lookup !== undefined && index > 0 ? earlier[raw.lookup % index]!.index : undefined,
  };
  const { start: startTimeout, stop: stopTimeout } = terms.ownsProcess ? realLimits(type) : limits;
  return { ...type, startTimeout, stopTimeout };
}

/** Returns real time limits for a component that hangs. A slow machine must not exceed them in any other way. */
function realLimits({
  construct,
  prepare,
  provide,
  start,
  ready,
}: Pick<ComponentType, 'construct' | 'prepare' | 'provide' | 'start' | 'ready'>): {
  readonly start: number | undefined;
  readonly stop: number | undefined;
} {
  const phases = [construct, prepare, provide, start, ready];
  const limitMs = 2000;
  return {
    start: phases.some((phase) => phase?.fault === 'hangs') ? limitMs : undefined,
    stop: phases.some((phase) => phase?.undo === 'hangs') ? limitMs : undefined,
  };
}

/** Returns where a component is declared, so that its parent exists once whenever the configuration mentions it. */
function declarationIn(
  drawn: ComponentType['declaredIn'],
  parent: number,
  earlier: readonly ComponentType[],
): ComponentType['declaredIn'] {
  const above = earlier[parent];
  if (above && above.names.length > 1) return isRequired(above, earlier) ? 'config' : 'code';
  return above && !isRequired(above, earlier) ? 'code' : drawn;
}

function behaviorOf(raw: Raw<typeof rawBehavior>, { failures }: Terms): Behavior {
  const { style, turns } = raw;
  const isAsync = style === 'async' || style === 'asyncGenerator';
  const fault = raw.fault < failures ? (isAsync ? raw.faultKind : 'throws') : 'none';
  const undoFault = isAsync ? raw.undoFaultKind : 'throws';
  return { style, turns, fault, undo: raw.undoFault < failures ? undoFault : raw.undo };
}

/** Returns the need, or nothing if no earlier type fits. */
function needOf(raw: Raw<typeof rawNeed>, own: Provider, all: readonly Provider[]): Need[] {
  const fits = all.filter(({ index, provides }) => {
    if (provides === 'nothing' || index === own.index) return false;
    // Only the contexts of events have resources of their own.
    return provides !== 'factory' || raw.at === 'handler';
  });
  const target = fits[raw.type % fits.length];
  if (!target) return [];
  const name = target.names[raw.name % target.names.length]!;
  const { at } = raw;
  if (raw.how === 'deferred' && target.provides === 'factory') return [{ at, type: target.index, how: 'all', name }];
  const how = isRequired(target, all) || ['all', 'optional'].includes(raw.how) ? raw.how : 'optional';
  const isPlain = how === 'plain' || how === 'optional' || how === 'deferred';
  if (isPlain && !target.names.includes('default')) return [{ at, type: target.index, how: 'named', name }];
  return [{ at, type: target.index, how, name }];
}

function handlerOf(raw: Raw<typeof rawHandler>, earlier: readonly ComponentType[]): Handler | undefined {
  const sources = earlier.filter((type) => type.provides === 'method' && isRequired(type, earlier));
  const source = sources[raw.type % sources.length];
  return source && { ...raw, type: source.index, name: source.names[0]! };
}

function endings(ownsProcess: boolean): fc.Arbitrary<Ending> {
  const kinds = ['run', 'run', 'stop', 'stop', 'error', 'crash', 'stopDuringStart'] as const;
  return fc.record({
    kind: fc.constantFrom<Ending['kind']>(...kinds, ...(ownsProcess ? (['signal', 'signal'] as const) : [])),
    code: fc.constantFrom(0, 3, 7),
    turns: fc.nat({ max: 12 }),
    operations: fc.array(
      fc.record({
        kind: fc.constantFrom(
          'restart',
          'restart',
          'stopComponent',
          'startComponent',
          'health',
          'waiting',
          'setLogLevel',
        ),
        type: fc.nat({ max: 999 }),
      }),
      { maxLength: 3 },
    ),
  });
}
