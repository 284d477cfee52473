/** Measures what the test kit adds to the start of an application. */
import { Component, component, inject, provides, startApplication, token, type ComponentClass } from '@asphalt/core';
import { meanTime } from '../harness/hot.ts';
import { implementationOf, type Implementations, type Workload } from '../harness/workload.ts';

const count = 100;

/** An application that a test has started. */
type Started = AsyncDisposable & Pick<Awaited<ReturnType<typeof startApplication>>, 'context'>;

const yardstick = 'startApplication';

const implementations: Implementations<() => Promise<(root: ComponentClass) => Promise<Started>>> = {
  [yardstick]: async () => (root) => startApplication(root, { onError: () => undefined }),

  async asphalt() {
    const { startTestApplication } = await import('@asphalt/testing');
    return (root) => startTestApplication(root);
  },
};

export const testStart: Workload = {
  name: 'test-start',
  measures: `An application of ${count} components, each with a need of the previous one, is checked, started and stopped, in warm code as in a suite of tests.`,
  unit: 'ms',
  yardstick,
  target: 'asphalt ≤ 1.1 × startApplication',
  subjects: [{ name: 'asphalt', package: '@asphalt/testing' }, { name: yardstick }],
  async sample(subject, effort) {
    const start = await implementationOf(implementations, subject)();
    const { root, last } = chain();
    const ns = await meanTime(async () => {
      await using application = await start(root);
      if (application.context.getResourceSync(last) !== count) throw new Error('a component is missing');
    }, effort);
    return { value: ns / 1e6 };
  },
};

/** Returns an application whose components each add 1 to the value of the previous one, and the key of the last value. */
function chain(): { readonly root: ComponentClass; readonly last: ReturnType<typeof token<number>> } {
  const components: Record<string, ComponentClass> = {};
  let last = token<number>('value 1');
  class First extends Component {
    @provides(last)
    value(): number {
      return 1;
    }
  }
  components['value1'] = First;
  for (let index = 2; index <= count; index++) {
    const previous = last;
    last = token<number>(`value ${index}`);
    class Next extends Component {
      @provides(last)
      value(@inject(previous) value: number): number {
        return value + 1;
      }
    }
    components[`value${index}`] = Next;
  }
  @component({ components })
  class Root extends Component {}
  return { root: Root, last };
}
