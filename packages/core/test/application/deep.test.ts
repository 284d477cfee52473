import { errorOf } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import {
  component,
  Component,
  inject,
  provides,
  startApplication,
  token,
  type ComponentClass,
  type Children,
} from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';

const depth = 5000;

describe('a chain of 5,000 components', () => {
  test('a chain of needs is planned, started and stopped in order', async () => {
    const keys = Array.from({ length: depth }, (_, index) => token<number>(`k${index}`));
    let live = 0;
    const link = (index: number): ComponentClass => {
      class Link extends Component {
        @provides(keys[index]!)
        async *make(): AsyncGenerator<number, void, unknown> {
          expect(live).toBe(depth - 1 - index);
          live++;
          yield index;
          live--;
          expect(live).toBe(depth - 1 - index);
        }
      }
      if (index + 1 < depth) inject(keys[index + 1]!)(Link.prototype, 'next');
      return Link;
    };
    const components: Children = Object.fromEntries(keys.map((_, index) => [`c${index}`, link(index)]));
    @component({ components })
    class App extends Component {}
    const app = await startApplication(App);
    expect(live).toBe(depth);
    expect(app.context.getResourceSync(keys[0]!)).toBe(0);
    await app.stop();
    expect(live).toBe(0);
  });

  test('a chain of nested components is started and stopped', async () => {
    let live = 0;
    let type: ComponentClass | undefined;
    for (let level = depth; level > 0; level--) {
      const components: Children = type ? { c: type } : {};
      @component({ components })
      class Level extends Component {
        override *start(): Generator<void, void, unknown> {
          live++;
          yield;
          live--;
        }
      }
      type = Level;
    }
    const app = await startApplication(type!);
    expect(live).toBe(depth);
    expect(app.plan.components).toHaveLength(depth);
    await app.stop();
    expect(live).toBe(0);
  });

  test('a closed chain of needs is reported as one cycle', async () => {
    const keys = Array.from({ length: depth }, (_, index) => token<object>(`k${index}`));
    const components = Object.fromEntries(
      keys.map((key, index) => {
        class Link extends Component {
          @provides(key) make(@inject(keys[(index + 1) % depth]!) next: object): object {
            return next;
          }
        }
        return [`c${index}`, Link] as const;
      }),
    );
    @component({ components })
    class App extends Component {}
    const { problems } = await planApplication(App);
    expect(problems.map(({ summary }) => summary)).toEqual([
      `${depth} components depend on each other and can never start`,
    ]);
    expect(((await errorOf(() => startApplication(App))) as { code?: string }).code).toBe('ERR_DEPENDENCY_CYCLE');
  });
});
