/** Plans from tables equal plans that are built, and every difference between a build and a start is found. */
import fc from 'fast-check';
import { inject as injectOfInversify, injectable } from 'inversify';
import { describe, expect, test } from 'vitest';
import {
  component,
  Component,
  defineConfig,
  fromConfig,
  inject,
  LazyServiceIdentifier,
  provides,
  startApplication,
  token,
  type ComponentClass,
  type Plan,
} from '@asphalt/core';
import { planTables, PreparedPlan, type PlanTables } from '@asphalt/core/built';
import { describePlan, planApplication, readyOrder } from '@asphalt/core/inspect';
import { recordingLogger } from '@asphalt/test-support';
import { applicationOf, changes, specs } from './random-components.ts';

/** Returns the tables of a plan after a round trip through JSON. */
function tablesOf(plan: Plan): PlanTables {
  const tables = planTables(plan);
  if ('obstacle' in tables) throw new Error(tables.obstacle);
  return JSON.parse(JSON.stringify(tables)) as PlanTables;
}

/** Returns a plan as data that compares nodes by path, and identifiers and declarations by identity. */
function flat(plan: Plan): object {
  return {
    ...plan,
    root: plan.root.path,
    components: plan.components.map(({ node, ...planned }) => ({ ...planned, node: node.path })),
    steps: plan.steps.map(({ node, provider, ...step }) => {
      return { ...step, node: node.path, provider: provider && plan.providers.indexOf(provider) };
    }),
    providers: plan.providers.map(({ node, ...provider }) => ({ ...provider, node: node.path })),
    healthChecks: plan.healthChecks.map(({ node, ...check }) => ({ ...check, node: node.path })),
    ready: readyOrder(plan),
    description: describePlan(plan),
  };
}

test('plans of random applications are equal whether they come from tables or are built', async () => {
  const counts = { problems: 0, needs: 0, keysOfHandlers: 0, lookups: 0 };
  const property = fc.asyncProperty(specs, async (all) => {
    const root = applicationOf(all);
    const plan = await planApplication(root);
    if (plan.problems.length > 0) {
      // A component that provides in `start()` and that a descendant needs is a cycle.
      expect(planTables(plan)).toEqual({ obstacle: 'its plan has problems' });
      counts.problems += 1;
      return;
    }
    const { logger, lines } = recordingLogger();
    const prepared = new PreparedPlan(tablesOf(plan));
    const again = await planApplication(root, { prepared, logger });
    expect(lines).toEqual([]);
    expect(flat(again)).toEqual(flat(plan));
    counts.needs += plan.components.flatMap(({ node }) => node.declarations.needs).length;
    counts.lookups += plan.components.flatMap(({ lookups }) => lookups).length;
    counts.keysOfHandlers += plan.components.flatMap(({ handlers }) => handlers.flatMap(({ keys }) => keys)).length;
  });
  await fc.assert(property, { numRuns: 40, seed: 1 });
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(5);
});

test('the plan of a changed application is never that of the build', async () => {
  const counts = { fromTables: 0, built: 0 };
  const property = fc.asyncProperty(changes, async ({ specs: all, index, changed }) => {
    const tables = planTables(await planApplication(applicationOf(all)));
    if ('obstacle' in tables) return;
    const { logger, lines } = recordingLogger();
    const root = applicationOf(all.with(index, changed));
    const plan = await planApplication(root, { prepared: new PreparedPlan(tables), logger });
    const expected = await planApplication(root);
    expect(flat(plan)).toEqual(flat(expected));
    counts[lines.length === 0 ? 'fromTables' : 'built'] += 1;
  });
  await fc.assert(property, { numRuns: 40, seed: 2 });
  expect(counts.built).toBeGreaterThan(5);
});

class Store {
  readonly isStore = true;
}

@component()
class MemoryStore extends Component {
  @provides(Store)
  store(): Store {
    return new Store();
  }
}

@component()
class DiskStore extends Component {
  @provides(Store)
  store(): Store {
    return new Store();
  }
}

const readerOptions = defineConfig({ store: { doc: 'The name of a store', format: 'string' } });

@component({ config: readerOptions })
class Reader extends Component<typeof readerOptions> {
  @inject(Store, fromConfig('store')) readonly store!: Store;
}

@component({ components: { store: MemoryStore, 'store/big': MemoryStore, reader: Reader }, types: { disk: DiskStore } })
class Shop extends Component {}

/** Plans an application with the tables of its plan for other options. @returns the lines of its log */
async function linesAfter(atBuild: object, atStart: object, root: ComponentClass = Shop): Promise<string[]> {
  const { logger, lines } = recordingLogger();
  const built = await planApplication(root, { config: { ...atBuild } });
  const prepared = new PreparedPlan(tablesOf(built));
  const plan = await planApplication(root, { config: { ...atStart }, prepared, logger });
  const expected = await planApplication(root, { config: { ...atStart } });
  expect(flat(plan)).toEqual(flat(expected));
  return lines.map(({ level, message }) => `${level} ${message}`);
}

describe('a plan is built again, with one line in the log, if', () => {
  test.each([
    ['a component was added', { 'disk/other': {} }, 'component.components.disk/other was added after the build'],
    [
      'a component was disabled',
      { 'store/big': { enabled: false } },
      'component.components.store/big was disabled after the build',
    ],
    [
      'a component has another type',
      { store: { type: 'disk' } },
      'the class of component.components.store changed after the build',
    ],
    [
      'an option names another resource',
      { reader: { store: 'big' } },
      'component.components.reader.store, the name of a resource, changed after the build',
    ],
  ])('%s', async (_, components, reason) => {
    expect(await linesAfter({}, { components })).toEqual([`info Planning at startup: ${reason}`]);
  });

  test('a component was removed', async () => {
    expect(await linesAfter({ components: { 'disk/other': {} } }, {})).toEqual([
      'info Planning at startup: component.components.disk/other was removed after the build',
    ]);
  });

  test('components were reordered', async () => {
    const [first, second] = [{ 'disk/one': {} }, { 'disk/two': {} }];
    expect(await linesAfter({ components: { ...first, ...second } }, { components: { ...second, ...first } })).toEqual([
      'info Planning at startup: components were reordered after the build',
    ]);
  });

  test('a `components` function returns other components', async () => {
    const options = defineConfig({ count: { doc: 'The number of stores', format: 'int', default: 1 } });

    @component({
      config: options,
      components: ({ count }) =>
        Object.fromEntries(Array.from({ length: count }, (_, at) => [`store/s${at}`, MemoryStore])),
    })
    class App extends Component<typeof options> {}

    expect(await linesAfter({}, { count: 2 }, App)).toEqual([
      'info Planning at startup: component.components.store/s1 was added after the build',
    ]);
    expect(await linesAfter({ count: 2 }, { count: 2 }, App)).toEqual([]);
  });

  test('a decorator receives another identifier', async () => {
    const [one, two] = [token<Store>('one'), token<Store>('two')];
    let needed = one;

    @component()
    class Provider extends Component {
      @provides(one)
      first(): Store {
        return new Store();
      }
      @provides(two)
      second(): Store {
        return new Store();
      }
    }

    @component()
    class Consumer extends Component {
      @inject(new LazyServiceIdentifier(() => needed)) readonly store!: Store;
    }

    @component({ components: { provider: Provider, consumer: Consumer } })
    class App extends Component {}

    const prepared = new PreparedPlan(tablesOf(await planApplication(App)));
    const { logger, lines } = recordingLogger();
    needed = two;
    const plan = await planApplication(App, { prepared, logger });
    expect(lines.map(({ message }) => message)).toEqual([
      'Planning at startup: the class of component.components.consumer changed after the build',
    ]);
    expect(plan.components[2]!.wiring.properties[0]!.key.id).toBe(two);
  });

  test('two identifiers became one', async () => {
    const [one, two] = [token<Store>('one'), token<Store>('two')];
    let second = two;

    @component()
    class Consumer extends Component {
      @inject(new LazyServiceIdentifier(() => one), { optional: true }) readonly one: Store | undefined;
      @inject(new LazyServiceIdentifier(() => second), { optional: true }) readonly two: Store | undefined;
    }

    const prepared = new PreparedPlan(tablesOf(await planApplication(Consumer)));
    const { logger, lines } = recordingLogger();
    second = one;
    await planApplication(Consumer, { prepared, logger });
    expect(lines.map(({ message }) => message)).toEqual([
      'Planning at startup: the declarations of components changed after the build',
    ]);
  });

  test('a lazy identifier fails, whose error the plan reports', async () => {
    let fails = false;

    @component()
    class Consumer extends Component {
      @inject(
        new LazyServiceIdentifier(() => {
          if (fails) throw new Error('not loaded');
          return Store;
        }),
        { optional: true },
      )
      readonly store: Store | undefined;
    }

    const prepared = new PreparedPlan(tablesOf(await planApplication(Consumer)));
    const { logger, lines } = recordingLogger();
    fails = true;
    const { problems } = await planApplication(Consumer, { prepared, logger });
    expect(lines.map(({ message }) => message)).toEqual([
      'Planning at startup: the declarations of component changed after the build',
    ]);
    expect(problems.map(({ summary }) => summary)).toEqual([
      '@inject() on `store` of Consumer: its lazy identifier failed',
    ]);
  });
});

describe('a plan has no tables if', () => {
  test('a component uses a need of inversify', async () => {
    @injectable()
    class Mailer {}

    @component()
    class App extends Component {
      @injectOfInversify(Mailer) readonly mailer!: Mailer;
    }

    expect(planTables(await planApplication(App))).toEqual({
      obstacle: 'the root component (App) uses an identifier of inversify',
    });
  });

  test('an identifier is a symbol of inversify', async () => {
    const name = Symbol('Store');
    const store = token<Store>(name);

    @component()
    class Provider extends Component {
      @provides(store)
      make(): Store {
        return new Store();
      }
    }

    @component({ components: { provider: Provider } })
    class App extends Component {
      @injectOfInversify(name) readonly store!: Store;
    }

    expect(planTables(await planApplication(App))).toEqual({
      obstacle: 'the root component (App) uses an identifier of inversify',
    });
  });

  test('a sensitive option names a resource', async () => {
    const options = defineConfig({
      store: { doc: 'A secret name', format: 'string', default: 'hidden', sensitive: true },
    });

    @component({ config: options })
    class App extends Component<typeof options> {
      @inject(Store, { name: fromConfig('store'), optional: true }) readonly store: Store | undefined;
    }

    const tables = planTables(await planApplication(App));
    expect(tables).toEqual({
      obstacle: 'the option `store` of the root component (App), which names a resource, is sensitive',
    });
  });
});

test('a problem at the start is reported without a line about the plan', async () => {
  const { logger, lines } = recordingLogger();
  const prepared = new PreparedPlan(tablesOf(await planApplication(Shop)));
  const config = { components: { reader: { store: 5 } } };
  const { problems } = await planApplication(Shop, { config, prepared, logger });
  expect(lines).toEqual([]);
  expect(problems.map(({ code }) => code)).toEqual(['ERR_CONFIG_INVALID']);
});

test('an application that starts from tables restarts a component with its dependents, and stops', async () => {
  const events: string[] = [];

  @component()
  class Provider extends Component {
    @provides(Store)
    *store(): Generator<Store> {
      events.push('open');
      yield new Store();
      events.push('close');
    }
  }

  @component()
  class Consumer extends Component {
    @inject(Store) readonly store!: Store;
    override *start(): Generator<void> {
      events.push(`start with ${String(this.store.isStore)}`);
      yield;
      events.push('end');
    }
  }

  @component({ components: { consumer: Consumer, provider: Provider } })
  class App extends Component {}

  const prepared = new PreparedPlan(tablesOf(await planApplication(App)));
  const application = await startApplication(App, { prepared });
  await application.restart('provider');
  await application.stop();
  const cycle = ['open', 'start with true', 'end', 'close'];
  expect(events).toEqual([...cycle, ...cycle]);
});
