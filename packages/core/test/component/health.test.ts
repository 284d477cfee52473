import { problemOf, problemsOf, withoutLines } from '@asphalt/test-support';
import {
  child,
  component,
  Component,
  defineConfig,
  fromConfig,
  health,
  inject,
  on,
  provides,
  Signal,
  startApplication,
  task,
  token,
  type ComponentClass,
  type Context,
} from '@asphalt/core';
import { describePlan, planApplication } from '@asphalt/core/inspect';
import { describe, expect, test } from 'vitest';

const Left = token<string>('Left');

/** A decorator without the types that let the compiler reject its use. */
type Untyped = (target: object, member?: PropertyKey, place?: unknown) => void;

class Feed {
  readonly added = new Signal<string>();
}

async function summariesOf(type: ComponentClass): Promise<string[]> {
  return (await planApplication(type)).problems.map(({ summary }) => summary);
}

/** The checks of an application, each with its component and without the location. */
async function checksOf(type: ComponentClass, config = {}): Promise<object[]> {
  const { components } = describePlan(await planApplication(type, { config }));
  return components.flatMap(({ path, healthChecks }) =>
    healthChecks.map(({ place, ...check }) => {
      expect(place?.file).toBe(import.meta.filename);
      return { component: path, ...check };
    }),
  );
}

describe('@health on a wrong target', () => {
  test('a static method, an accessor, a property and a generator are reported', async () => {
    @component()
    class Wrong extends Component {
      @(health() as Untyped) static ping(): void {}
      @(health() as Untyped) get state(): string {
        return '';
      }
      @(health() as Untyped) field = 1;
      @(health() as Untyped) *steps(): Generator<void> {}
      @(health() as Untyped) async *turns(): AsyncGenerator<void> {}
    }
    expect(await summariesOf(Wrong)).toEqual([
      '@health() on `ping` of Wrong: static members are not supported',
      '@health() on `state` of Wrong: the member is not a method',
      '@health() on `field` of Wrong: the member is not a method',
      '@health() on `steps` of Wrong: the runtime does not run generator methods here',
      '@health() on `turns` of Wrong: the runtime does not run generator methods here',
    ]);
  });

  test('a hook is reported', async () => {
    class Wrong extends Component {
      @health() override ready(): void {}
    }
    expect(await problemOf(Wrong)).toMatchInlineSnapshot(`
      "@health() on \`ready\` of Wrong: the runtime already calls this method as a hook
        in           the root component (Wrong)
        declared at  health.test.ts:LINE
        help         move its code to a method with another name
        code         ERR_DECORATOR"
    `);
  });

  test('a method that is also a provider, a task, a handler or a check is reported', async () => {
    class Wrong extends Component {
      @health() @provides(Left) provider(): string {
        return '';
      }
      @provides(Feed) feed(): Feed {
        return new Feed();
      }
      @health() @task() work(): void {}
      @health() @on(Feed, (feed) => feed.added) hear(): void {}
      @health() @health({ for: 'live' }) twice(): void {}
    }
    expect(await summariesOf(Wrong)).toEqual([
      '@health() on `provider` of Wrong: the method is already decorated with @provides()',
      '@health() on `work` of Wrong: the method is already decorated with @task()',
      '@health() on `hear` of Wrong: the method is already decorated with @on()',
      '@health() on `twice` of Wrong: the method is already decorated with @health()',
    ]);
  });

  test('@health without parentheses is reported immediately', () => {
    const decorate = health as unknown as Untyped;
    const descriptor = Object.getOwnPropertyDescriptor(Feed, 'prototype');
    expect(() => decorate(Feed.prototype, 'added', descriptor)).toThrow('@health');
  });

  test('@health compiled as a standard decorator is reported immediately', () => {
    const decorate = health() as unknown as (value: unknown, context: object) => void;
    expect(() => decorate(() => undefined, { kind: 'method', name: 'ping' })).toThrow(
      '@health() was compiled as a standard decorator',
    );
  });

  test.each([0, -1, NaN])('a limit of %d ms is reported', async (timeout) => {
    class Wrong extends Component {
      @health({ timeout }) ping(): void {}
    }
    expect(await summariesOf(Wrong)).toEqual([
      `@health() on \`ping\` of Wrong: no check can end within a limit of ${timeout} ms`,
    ]);
  });
});

describe('@health with a wrong option', () => {
  test.each<[object, string]>([
    [{ for: 'lvie' }, 'a check cannot be for "lvie"'],
    [{ for: null }, 'a check cannot be for null'],
    [{ critical: 'yes' }, '`critical` is neither a boolean nor fromConfig()'],
    [{ critical: { option: 1 } }, '`critical` is neither a boolean nor fromConfig()'],
    [{ critical: null }, '`critical` is neither a boolean nor fromConfig()'],
    [{ timeout: '2s' }, 'a limit is a number of milliseconds, not "2s"'],
    [{ timeout: '5' }, 'a limit is a number of milliseconds, not "5"'],
  ])('%o is reported', async (options, reason) => {
    class Wrong extends Component {
      @health(options) ping(): void {}
    }
    expect(await summariesOf(Wrong)).toEqual([`@health() on \`ping\` of Wrong: ${reason}`]);
  });

  test('a misspelled purpose is reported with the similar one', async () => {
    class Wrong extends Component {
      @health({ for: 'lvie' as 'live' }) ping(): void {}
    }
    expect(await problemOf(Wrong)).toMatchInlineSnapshot(`
      "@health() on \`ping\` of Wrong: a check cannot be for "lvie"
        in           the root component (Wrong)
        declared at  health.test.ts:LINE
        help         did you mean 'live'?
        code         ERR_DECORATOR"
    `);
  });
});

describe('needs and parameters of a check', () => {
  test('a missing provider of a need is reported before the start', async () => {
    class App extends Component {
      @health() ping(@inject(Left) _left: string): void {}
    }
    expect(await summariesOf(App)).toEqual(['No component provides `Left`']);
  });

  test('a check receives its signal, its context and needs of that context', async () => {
    const seen: unknown[] = [];
    class App extends Component {
      @provides(Feed, { scope: 'context' }) feed(): Feed {
        return new Feed();
      }
      @health() ping(abort: AbortSignal, @inject(Feed) feed: Feed, context: Context): void {
        seen.push(abort === context.abort, feed === context.getResourceSync(Feed));
      }
    }
    await using app = await startApplication(App);
    expect(await app.health()).toMatchObject({ status: 'up' });
    expect(seen).toEqual([true, true]);
  });

  test('needs of checks impose no order on the start', async () => {
    const Right = token<string>('Right');
    class Checked extends Component {
      @provides(Right) right(): string {
        return 'right';
      }
      @health() ping(@inject(Left) left: string): void {
        expect(left).toBe('left of right');
      }
    }
    class Later extends Component {
      @provides(Left) left(@inject(Right) right: string): string {
        return `left of ${right}`;
      }
    }
    @component({ components: { checked: Checked, later: Later } })
    class App extends Component {}
    await using app = await startApplication(App);
    expect(await app.health()).toMatchObject({ status: 'up' });
  });

  test('a third parameter without @inject is reported', async () => {
    class App extends Component {
      @health() ping(_abort: AbortSignal, _context: Context, _more: unknown): void {}
    }
    expect(await summariesOf(App)).toEqual(['Cannot inject `ping()` parameter 3 of App: it has no @inject()']);
  });
});

describe('critical: fromConfig()', () => {
  test('an unknown option is reported with the similar one', async () => {
    const options = defineConfig({ required: { doc: 'Whether it is needed', format: 'boolean', default: true } });
    @component({ config: options })
    class Wrong extends Component<typeof options> {
      @health({ critical: fromConfig('requird') }) ping(): void {}
    }
    expect(withoutLines(await problemOf(Wrong))).toMatchInlineSnapshot(`
      "fromConfig("requird") on \`ping\` of Wrong: the component has no such option
        in           the root component (Wrong)
        declared at  health.test.ts:LINE
        help         did you mean fromConfig('required')?
                     or declare it with defineConfig()
        code         ERR_DECORATOR"
    `);
  });

  test('an option of another type is reported', async () => {
    const options = defineConfig({ required: { doc: 'Whether it is needed', format: 'string', default: 'yes' } });
    @component({ config: options })
    class Wrong extends Component<typeof options> {
      @health({ critical: fromConfig('required') }) ping(): void {}
    }
    expect(await problemOf(Wrong)).toMatchInlineSnapshot(`
      "fromConfig("required") on \`ping\` of Wrong: the option is not a boolean
        in           the root component (Wrong)
        declared at  health.test.ts:LINE
        help         declare it with format: 'boolean'
        code         ERR_DECORATOR"
    `);
  });

  test('an option without a value is true', async () => {
    const options = defineConfig({ required: { doc: 'Whether it is needed', format: 'boolean' } });
    @component({ config: options })
    class Checked extends Component<typeof options> {
      @health({ critical: fromConfig('required') }) ping(): void {}
    }
    @component({ components: { open: Checked, no: child(Checked, { required: false }) } })
    class App extends Component {}
    expect(await problemsOf(App)).toEqual([]);
    expect(await checksOf(App)).toMatchObject([
      { component: 'open', critical: true },
      { component: 'no', critical: false },
    ]);
  });
});

describe('the description of a plan', () => {
  test('each check is described with its defaults', async () => {
    class App extends Component {
      @health() ping(): void {}
      @health({ for: 'live', critical: false, timeout: 50 }) loop(): void {}
    }
    expect(await checksOf(App)).toEqual([
      { component: '', member: 'ping', for: 'ready', critical: true, timeoutMs: 2000 },
      { component: '', member: 'loop', for: 'live', critical: false, timeoutMs: 50 },
    ]);
  });
});

describe('a subclass', () => {
  class Base extends Component {
    @health({ timeout: 50 }) ping(): string {
      return 'base';
    }
    @health() other(): void {}
  }

  test('a subclass inherits checks, and an overridden method without a decorator stays one', async () => {
    class Sub extends Base {
      override ping(): string {
        throw new Error('overridden');
      }
    }
    await using app = await startApplication(Sub);
    const { checks } = await app.health();
    expect(checks).toMatchObject([
      { member: 'ping', reason: 'Error: overridden' },
      { member: 'other', status: 'up' },
    ]);
  });

  test('an overridden method with @health replaces the inherited check', async () => {
    class Sub extends Base {
      @health({ timeout: 70 }) override ping(): string {
        return 'sub';
      }
    }
    expect(await checksOf(Sub)).toMatchObject([{ member: 'other' }, { member: 'ping', timeoutMs: 70 }]);
  });

  test('an overridden method with another decorator is no check', async () => {
    class Sub extends Base {
      @task() override ping(): string {
        return 'sub';
      }
    }
    expect(await checksOf(Sub)).toMatchObject([{ member: 'other' }]);
  });
});
