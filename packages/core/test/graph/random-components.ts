/** Random component trees with needs of all kinds, names, hooks, handlers, lookups and checks. */
import fc from 'fast-check';
import {
  component,
  Component,
  defineConfig,
  fromConfig,
  health,
  inject,
  injectAll,
  LazyServiceIdentifier,
  on,
  onAll,
  provides,
  Signal,
  task,
  token,
  type Children,
  type ComponentClass,
  type Token,
} from '@asphalt/core';

/** A need of an earlier component. */
interface NeedSpec {
  readonly of: number;
  readonly slot:
    | 'constructor'
    | 'property'
    | 'provider'
    | 'start'
    | 'ready'
    | 'task'
    | 'handler'
    | 'factory'
    | 'lookup';
  readonly how: 'plain' | 'lazy' | 'deferred' | 'optional' | 'all' | 'option' | 'missing';
}

interface ComponentSpec {
  readonly parent: number;
  readonly isNamed: boolean;
  readonly hooks: readonly string[];
  readonly providesInCode: boolean;
  readonly isHandler: boolean;
  readonly isCritical: boolean | 'option';
  readonly needs: readonly NeedSpec[];
}

const slots = [
  'constructor',
  'property',
  'provider',
  'start',
  'ready',
  'task',
  'handler',
  'factory',
  'lookup',
] as const;
const ways = ['plain', 'lazy', 'deferred', 'optional', 'all', 'option', 'missing'] as const;

const specOf = (index: number): fc.Arbitrary<ComponentSpec> =>
  fc.record({
    parent: fc.integer({ min: -1, max: index - 1 }),
    isNamed: fc.boolean(),
    hooks: fc.subarray(['prepare', 'start', 'ready']),
    providesInCode: fc.boolean(),
    isHandler: fc.boolean(),
    isCritical: fc.constantFrom(true, false, 'option' as const),
    needs:
      index === 0
        ? fc.constant([])
        : fc.array(
            fc.record({ of: fc.nat(index - 1), slot: fc.constantFrom(...slots), how: fc.constantFrom(...ways) }),
            { maxLength: 5 },
          ),
  });

/** Random components, and the same components with a change of one of them. */
export const changes = fc.nat(9).chain((index) =>
  fc.record({
    specs: fc.tuple(...Array.from({ length: 10 }, (_, each) => specOf(each))),
    index: fc.constant(index),
    changed: specOf(index),
  }),
);

export const specs: fc.Arbitrary<readonly ComponentSpec[]> = fc
  .integer({ min: 1, max: 14 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => specOf(index))));

const options = defineConfig({
  wanted: { doc: 'The name of a resource', format: 'string' },
  critical: { doc: 'Whether a failure means down', format: 'boolean' },
});

class Source {
  readonly events = new Signal<number>();
}

/** Creates the root component of an application. */
export function applicationOf(all: readonly ComponentSpec[]): ComponentClass {
  const keys = all.map((_, index) => token<Source>(`key ${index}`));
  const missing = token<Source>('missing');
  const classes = all.map((spec, index) => classOf(spec, index, { keys, missing, all }));
  const childrenOf = (parent: number): Children =>
    Object.fromEntries(
      classes.flatMap((type, index) => (all[index]!.parent === parent ? [[aliasOf(all, index), type]] : [])),
    );
  classes.forEach((type, index) => {
    const lookups = all[index]!.needs.filter(({ slot }) => slot === 'lookup').map(({ of }) => wantedOf(of, keys, all));
    component({ config: options, components: childrenOf(index), lookups })(type as never);
  });
  class App extends Component {}
  component({ components: childrenOf(-1) })(App);
  return App;
}

function aliasOf(all: readonly ComponentSpec[], index: number): string {
  return `c${index}${all[index]!.isNamed ? `/n${index % 3}` : ''}`;
}

function nameOf(all: readonly ComponentSpec[], index: number): string {
  return all[index]!.isNamed ? `n${index % 3}` : 'default';
}

const wantedOf = (of: number, keys: ReadonlyArray<Token<Source>>, all: readonly ComponentSpec[]) => ({
  id: keys[of]!,
  name: nameOf(all, of),
});

interface Setting {
  readonly keys: ReadonlyArray<Token<Source>>;
  readonly missing: Token<Source>;
  readonly all: readonly ComponentSpec[];
}

function classOf(spec: ComponentSpec, index: number, setting: Setting): ComponentClass {
  const { keys } = setting;
  class Node extends Component<typeof options> {
    constructor(..._values: unknown[]) {
      super();
    }
  }
  Object.defineProperty(Node, 'name', { value: `Node${index}` });
  const prototype = Node.prototype as unknown as Record<string, unknown>;
  const method = (name: string, decorate?: (target: never, member: string, descriptor: never) => void): void => {
    prototype[name] = function (): unknown {
      return new Source();
    };
    decorate?.(prototype as never, name, Object.getOwnPropertyDescriptor(prototype, name) as never);
  };
  for (const hook of spec.hooks) method(hook);
  if (spec.providesInCode) provides(keys[index]!)(Node as never);
  else method('provider', provides(keys[index]!) as never);
  method('factory', provides(token(`factory ${index}`), { scope: 'context' }) as never);
  method('task', task() as never);
  const critical = spec.isCritical === 'option' ? fromConfig('critical') : spec.isCritical;
  method('check', health({ critical }) as never);
  if (spec.isHandler) {
    method('handler', on(keys[index]!, ({ events }) => events) as never);
    method('handlerOfAll', onAll(keys[0]!, ({ events }) => events) as never);
  }
  spec.needs.forEach((need, at) => declareNeed(Node as never, spec, need, at, setting));
  return Node as ComponentClass;
}

/** Declares a need in the place of its kind, if the component has it. */
function declareNeed(
  type: new () => object,
  spec: ComponentSpec,
  { of, slot, how }: NeedSpec,
  at: number,
  { keys, missing, all }: Setting,
): void {
  if (slot === 'lookup') return;
  const hasPlace =
    slot === 'constructor' ||
    slot === 'property' ||
    slot === 'task' ||
    slot === 'factory' ||
    (slot === 'provider' && !spec.providesInCode) ||
    (slot === 'handler' && spec.isHandler) ||
    spec.hooks.includes(slot);
  if (!hasPlace) return;
  const name = nameOf(all, of);
  const decorators = {
    plain: () => inject(keys[of]!, name),
    lazy: () => inject(new LazyServiceIdentifier(() => keys[of]!), name),
    deferred: () => inject(keys[of]!, { name, deferred: true }),
    optional: () => inject(keys[of]!, { name, optional: true }),
    all: () => injectAll(keys[of]!),
    option: () => inject(keys[of]!, { name: fromConfig('wanted'), optional: true }),
    missing: () => inject(missing, { optional: true }),
  };
  const decorate = decorators[how]() as (target: object, member?: PropertyKey, index?: number) => void;
  if (slot === 'constructor') decorate(type, undefined, at);
  else if (slot === 'property') decorate(type.prototype as object, at % 2 ? Symbol('property') : `property${at}`);
  else decorate(type.prototype as object, slot, at);
}
