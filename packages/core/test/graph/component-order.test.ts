import { expect, test } from 'vitest';
import { component, Component, inject, on, provides, Signal, token, type ComponentClass } from '@asphalt/core';
import { planApplication, readyOrder } from '@asphalt/core/inspect';
import { usesOrder } from '../../src/graph/component-order.ts';

const A = token<object>('A');
const B = token<object>('B');
class Feed {
  readonly added = new Signal<string>();
}

class ProvidesA extends Component {
  @provides(A) a(): object {
    return {};
  }
}

async function ordersOf(
  root: ComponentClass,
): Promise<{ ready: Record<string, string[]>; uses: Record<string, string[]> }> {
  const plan = await planApplication(root);
  expect(plan.problems.map(({ message }) => message)).toEqual([]);
  const name = (index: number): string => plan.components[index]!.node.path || 'root';
  const named = (order: ReadonlyArray<readonly number[]>): Record<string, string[]> =>
    Object.fromEntries(order.map((needs, index) => [name(index), needs.map(name)]));
  return { ready: named(readyOrder(plan)), uses: named(usesOrder(plan)) };
}

test('children become ready before their parent, and providers before their dependents', async () => {
  class Needy extends Component {
    @inject(A) readonly a!: object;
  }
  @component({ components: { needy: Needy, source: ProvidesA } })
  class App extends Component {}
  expect(await ordersOf(App)).toEqual({
    ready: { root: ['needy', 'source'], needy: ['source'], source: [] },
    uses: { root: [], needy: ['source'], source: [] },
  });
});

test('needs of tasks and handlers affect the ready order', async () => {
  class Listener extends Component {
    @on(Feed, (feed) => feed.added) hear(_event: string, @inject(A) _a: object): void {}
  }
  class Feeds extends Component {
    @provides(Feed) feed(): Feed {
      return new Feed();
    }
  }
  @component({ components: { listener: Listener, feeds: Feeds, source: ProvidesA } })
  class App extends Component {}
  expect((await ordersOf(App)).ready['listener']!.sort()).toEqual(['feeds', 'source']);
});

test('a child that needs a resource of its parent becomes ready before it and ends its handlers after it', async () => {
  class Child extends Component {
    @inject(A) readonly a!: object;
  }
  @component({ components: { child: Child } })
  class App extends ProvidesA {}
  expect(await ordersOf(App)).toEqual({ ready: { root: ['child'], child: [] }, uses: { root: [], child: ['root'] } });
});

test('siblings that all need their parent keep their order', async () => {
  class Child extends Component {
    @inject(A) readonly a!: object;
    @provides(B) b(): object {
      return {};
    }
  }
  class Other extends Component {
    @inject(A) readonly a!: object;
    @inject(B) readonly b!: object;
  }
  @component({ components: { other: Other, child: Child } })
  class App extends ProvidesA {}
  expect((await ordersOf(App)).ready).toEqual({ root: ['other', 'child'], other: ['child'], child: [] });
});

test('only the order of the tree applies within a cycle of components', async () => {
  class One extends Component {
    @inject(B) readonly b!: object;
  }
  @component({ components: { source: ProvidesA, needy: One } })
  class Left extends Component {}
  class Right extends Component {
    @provides(B) b(): object {
      return {};
    }
    override start(@inject(A) _a: object): void {}
  }
  @component({ components: { inner: Left } })
  class Around extends Component {
    @inject(B) readonly b!: object;
  }
  class Cyclic extends Component {
    @provides(A) a(): object {
      return {};
    }
    override start(@inject(B) _b: object): void {}
  }
  @component({ components: { cyclic: Cyclic, right: Right } })
  class App extends Component {}
  expect((await ordersOf(App)).ready).toEqual({ root: ['cyclic', 'right'], cyclic: [], right: [] });
  @component({ components: { around: Around, right: Right } })
  class Outer extends Component {}
  expect((await ordersOf(Outer)).ready).toMatchObject({
    root: ['around', 'right'],
    around: ['around.inner', 'right'],
    'around.inner.needy': ['right'],
  });
});
