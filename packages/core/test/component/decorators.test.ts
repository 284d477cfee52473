import { readFileSync } from 'node:fs';
import { errorOf, withoutLines } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import {
  component,
  Component,
  inject,
  injectAll,
  on,
  onAll,
  provides,
  Signal,
  task,
  token,
  type ComponentClass,
} from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';

const Left = token<string>('Left');

class Feed {
  readonly added = new Signal<string>();
}

/** A decorator without the types that let the compiler reject its use. */
type Untyped = (target: object, member?: PropertyKey, place?: unknown) => void;

async function misusesOf(type: ComponentClass): Promise<string[]> {
  const { problems } = await planApplication(type);
  return problems.filter(({ code }) => code === 'ERR_DECORATOR').map(({ message }) => withoutLines(message));
}

describe('misuses of @inject', () => {
  test('@inject on a static property is reported', async () => {
    class Wrong extends Component {
      @(inject(Left) as Untyped) static readonly left: string;
    }
    expect(await misusesOf(Wrong)).toMatchInlineSnapshot(`
      [
        "@inject() on \`left\` of Wrong: static members are not supported
        in           the root component (Wrong)
        declared at  decorators.test.ts:LINE
        help         remove \`static\`
        code         ERR_DECORATOR",
      ]
    `);
  });

  test('@inject on a parameter of a static method is reported', async () => {
    class Wrong extends Component {
      static make(@(inject(Left) as Untyped) _left: string): void {}
    }
    expect(await misusesOf(Wrong)).toMatchInlineSnapshot(`
      [
        "@inject() on \`make()\` parameter 1 of Wrong: static members are not supported
        in           the root component (Wrong)
        declared at  decorators.test.ts:LINE
        help         remove \`static\`
        code         ERR_DECORATOR",
      ]
    `);
  });

  test('@inject on a method, an accessor and a class is reported', async () => {
    @(inject(Left) as Untyped)
    class Wrong extends Component {
      @(inject(Left) as Untyped) method(): void {}
      @(injectAll(Left) as Untyped) get accessor(): string {
        return '';
      }
    }
    expect(await misusesOf(Wrong)).toMatchInlineSnapshot(`
      [
        "@inject() on \`method\` of Wrong: it cannot inject a method or accessor
        in           the root component (Wrong)
        declared at  decorators.test.ts:LINE
        help         put it on a property, a constructor parameter or a method parameter
        code         ERR_DECORATOR",
        "@injectAll() on \`accessor\` of Wrong: it cannot inject a method or accessor
        in           the root component (Wrong)
        declared at  decorators.test.ts:LINE
        help         put it on a property, a constructor parameter or a method parameter
        code         ERR_DECORATOR",
        "@inject() on the class of Wrong: it cannot inject a class
        in           the root component (Wrong)
        declared at  decorators.test.ts:LINE
        help         put it on a property, a constructor parameter or a method parameter
        code         ERR_DECORATOR",
      ]
    `);
  });

  test('@injectAll on a parameter of a method that the runtime does not call is reported', async () => {
    class Wrong extends Component {
      helper(@injectAll(Left) _left: ReadonlyMap<string, string>): void {}
    }
    expect(await misusesOf(Wrong)).toMatchInlineSnapshot(`
      [
        "@injectAll() on \`helper()\` parameter 1 of Wrong: the runtime does not call this method
        in           the root component (Wrong)
        declared at  decorators.test.ts:LINE
        help         decorate the method with @provides, @task, @on or @health, or use a hook: prepare, start or ready
        code         ERR_DECORATOR",
      ]
    `);
  });
});

describe('misuses of @provides, @task and @on', () => {
  test('@provides on a property is reported', async () => {
    class Wrong extends Component {
      @(provides(Left) as Untyped) readonly left = 'left';
    }
    expect(await misusesOf(Wrong)).toMatchInlineSnapshot(`
      [
        "@provides() on \`left\` of Wrong: the member is not a method
        in           the root component (Wrong)
        declared at  decorators.test.ts:LINE
        help         make it a method
        code         ERR_DECORATOR",
      ]
    `);
  });

  test('@task on an accessor is reported', async () => {
    class Wrong extends Component {
      @(task() as Untyped) get work(): string {
        return '';
      }
    }
    expect(await misusesOf(Wrong)).toHaveLength(1);
  });

  test('@provides, @task and @on on a static method are reported', async () => {
    class Wrong extends Component {
      @provides(Left) static left(): string {
        return 'left';
      }
      @task() static work(): void {}
      @on(Feed, (feed) => feed.added) static hear(): void {}
    }
    const misuses = await misusesOf(Wrong);
    expect(misuses).toHaveLength(3);
    expect(misuses[0]).toMatchInlineSnapshot(`
      "@provides() on \`left\` of Wrong: static members are not supported
        in           the root component (Wrong)
        declared at  decorators.test.ts:LINE
        help         remove \`static\`
        code         ERR_DECORATOR"
    `);
  });

  test('@task and @onAll on a generator are reported', async () => {
    class Wrong extends Component {
      @task() *work(): Generator<void> {
        yield;
      }
      @onAll(Feed, (feed) => feed.added) async *hear(): AsyncGenerator<void> {
        yield;
      }
    }
    const misuses = await misusesOf(Wrong);
    expect(misuses).toHaveLength(2);
    expect(misuses[0]).toMatchInlineSnapshot(`
      "@task() on \`work\` of Wrong: the runtime does not run generator methods here
        in           the root component (Wrong)
        declared at  decorators.test.ts:LINE
        help         remove the \`*\`, and register cleanup with onTeardown() of its context
        code         ERR_DECORATOR"
    `);
  });

  test('@on with a concurrency below 1 is reported', async () => {
    class Wrong extends Component {
      @on(Feed, (feed) => feed.added, { concurrency: 0 }) none(): void {}
      @on(Feed, (feed) => feed.added, { concurrency: Number.NaN }) nan(): void {}
    }
    const misuses = await misusesOf(Wrong);
    expect(misuses).toHaveLength(2);
    expect(misuses[0]).toMatchInlineSnapshot(`
      "@on() on \`none\` of Wrong: a concurrency of 0 would handle no event
        in           the root component (Wrong)
        declared at  decorators.test.ts:LINE
        help         use a concurrency of at least 1
        code         ERR_DECORATOR"
    `);
  });
});

describe('arguments that a decorator rejects immediately', () => {
  test('decorators reject an undefined identifier, as in circular imports', async () => {
    const { message } = await errorOf(() => inject(undefined as never));
    expect(withoutLines(message)).toMatchInlineSnapshot(`
      "@inject() requires a class or a token, got undefined
        declared at  decorators.test.ts:LINE
        note         a class is undefined while modules that import each other are loading
        help         inject it lazily: new LazyServiceIdentifier(() => TheClass)
        code         ERR_IDENTIFIER"
    `);
    for (const decorate of [injectAll, provides, on, onAll]) {
      expect(() => (decorate as (id: unknown, select?: unknown) => void)(undefined, () => undefined)).toThrow(
        'requires a class or a token, got undefined',
      );
    }
  });

  test('@provides rejects a call without identifiers', () => {
    expect(() => (provides as (...ids: unknown[]) => unknown)()).toThrow('@provides() requires a class or a token');
    expect(() => (provides as (...ids: unknown[]) => unknown)({ scope: 'context' })).toThrow(
      '@provides() requires a class',
    );
  });

  test('@provides rejects a malformed name', () => {
    expect(() => provides(Left, { name: 'two words' })).toThrowErrorMatchingInlineSnapshot(`
      [ResourceNameError: A resource name must consist of letters, digits, "_" and "-", got "two words"
        help         choose another name, such as "primary" or "read_only"
        code         ERR_RESOURCE_NAME]
    `);
  });
});

test('decorators reject a file that was compiled with standard decorators', () => {
  // The call that a compiler emits for `@provides(Left) left() {}` in that mode.
  const standard = (decorate: unknown, kind: string): void =>
    (decorate as (value: unknown, context: object) => void)(function left() {}, { kind, name: 'left', static: false });
  let message = '';
  try {
    standard(provides(Left), 'method');
  } catch (error) {
    message = withoutLines((error as Error).message);
  }
  expect(message).toMatchInlineSnapshot(`
    "@provides() was compiled as a standard decorator
      declared at  decorators.test.ts:LINE
      note         only the experimental decorators of TypeScript support parameters
      help         set "extends": "@asphalt/core/tsconfig.json" in a tsconfig.json that includes this file
      code         ERR_DECORATOR_MODE"
  `);
  const others = { component: component(), inject: inject(Left), task: task(), on: on(Feed, (feed) => feed.added) };
  for (const decorate of Object.values(others)) {
    expect(() => standard(decorate, 'method')).toThrow('was compiled as a standard decorator');
  }
});

test('on Bun, the fix for standard decorators does not extend the settings of a package', () => {
  Object.defineProperty(process.versions, 'bun', { value: '1.3.0', configurable: true });
  try {
    const decorate = component() as unknown as (value: unknown, context: object) => void;
    expect(() => decorate(class App {}, { kind: 'class' })).toThrow(
      'write "experimentalDecorators": true into tsconfig',
    );
  } finally {
    delete (process.versions as { bun?: string }).bun;
  }
});

test('a problem contains the line of the decorator', async () => {
  @component({ components: {} })
  class Wrong extends Component {
    @inject(Left) readonly left!: string;
  }
  const { problems } = await planApplication(Wrong);
  const lines = readFileSync(new URL(import.meta.url), 'utf8').split('\n');
  const line = lines.findIndex((text) => text.includes('readonly left!'));
  expect(problems[0]!.message).toMatch(new RegExp(`declared at  .*decorators\\.test\\.ts:${line + 1}$`, 'm'));
});

describe('a decorator without parentheses', () => {
  test('it is reported with its place', async () => {
    const { message } = await errorOf(() => {
      class App extends Component {
        @(task as Untyped) work(): void {}
      }
      return App;
    });
    expect(message).toMatchInlineSnapshot(`
      "@task on \`work\` of App has no parentheses
        note         without them, it receives the class instead of its arguments
        help         write @task()
        code         ERR_DECORATOR_CALL"
    `);
  });

  test('each decorator is recognized, on every place that it can have', async () => {
    const { injected } = await import('@asphalt/core/ambient');
    const { checked } = await import('@asphalt/core/checked');
    class Place {}
    const descriptor = { value: (): void => {} };
    const calls: ReadonlyArray<readonly [unknown, ...unknown[]]> = [
      [component, Place],
      [inject, Place, undefined, 0],
      [inject, Place.prototype, 'field', undefined],
      [inject, Place.prototype, 'method', 1],
      [injectAll, Place, undefined, 0],
      [injectAll, Place.prototype, 'field', undefined],
      [provides, Place.prototype, 'method', descriptor],
      [task, Place.prototype, 'method', descriptor],
      [on, Place.prototype, 'method', descriptor],
      [onAll, Place.prototype, Symbol('method'), descriptor],
      [injected, Place.prototype, 'method', descriptor],
      [checked, Place.prototype, 'method', descriptor],
    ];
    for (const [decorator, ...args] of calls) {
      expect(() => (decorator as (...passed: unknown[]) => void)(...args)).toThrow('has no parentheses');
    }
    expect(() => provides(Place, Left, Feed)).not.toThrow();
  });
});
