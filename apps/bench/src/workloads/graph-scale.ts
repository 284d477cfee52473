/** Measures how the time to build and check a plan grows with the application. */
import type { ComponentClass } from '@asphalt/core';
import type { Workload } from '../harness/workload.ts';
import { layeredGraph } from '../start/graph.ts';

/** The number of children per component. */
const family = 100;

export function graphScale(nodes: number): Workload {
  return {
    name: `graph-scale-${nodes}`,
    measures: `The plan of an application of ${nodes} nodes is built and checked; every second node is a component, every other one its provider with three needs.`,
    unit: 'ms',
    target: 'linear; 100,000 nodes in ≤ 2 s',
    subjects: [{ name: 'asphalt', package: '@asphalt/core' }],
    async sample(_subject, effort) {
      const components = (effort === 'smoke' ? 200 : nodes) / 2;
      const value = await planTime(components);
      return { value, beside: { 'µs per node': (value * 1000) / (components * 2) } };
    },
  };
}

/** Returns the time in milliseconds to build and check the plan of `count` components, and verifies the plan. */
async function planTime(count: number): Promise<number> {
  const { Component, component, inject, provides, token } = await import('@asphalt/core');
  const { planApplication } = await import('@asphalt/core/inspect');

  type Key = ReturnType<typeof token<object>>;

  function componentOf(key: Key, [a, b, c]: readonly Key[]): ComponentClass {
    if (!a || !b || !c) {
      @component()
      class Bottom extends Component {
        @provides(key)
        service(): object {
          return {};
        }
      }
      return Bottom;
    }
    @component()
    class Above extends Component {
      @provides(key)
      service(@inject(a!) first: object, @inject(b!) second: object, @inject(c!) third: object): object {
        return { first, second, third };
      }
    }
    return Above;
  }

  function parentOf(children: readonly ComponentClass[]): ComponentClass {
    @component({ components: Object.fromEntries(children.map((child, index) => [`child${index}`, child])) })
    class Parent extends Component {}
    return Parent;
  }

  const { services, tops } = layeredGraph(count);
  const keys = services.map(({ index }) => token<object>(`Service${index}`));
  const types = services.map(({ index, needs }) =>
    componentOf(
      keys[index]!,
      needs.map((need) => keys[need]!),
    ),
  );
  const App = parentOf(families(types).map((children) => parentOf(children)));
  const start = performance.now();
  const plan = await planApplication(App);
  const time = performance.now() - start;
  const unused = plan.providers.filter(({ used }) => !used);
  const [problem] = plan.problems;
  if (problem) throw problem;
  if (plan.providers.length !== count || unused.length !== tops.length)
    throw new Error('The plan differs from the graph');
  return time;
}

function families(types: readonly ComponentClass[]): ComponentClass[][] {
  return Array.from({ length: Math.ceil(types.length / family) }, (_, index) =>
    types.slice(index * family, (index + 1) * family),
  );
}
