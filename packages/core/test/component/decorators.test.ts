import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  component,
  Component,
  inject,
  injectAll,
  on,
  onAll,
  planApplication,
  provides,
  Signal,
  task,
  token,
  type ComponentClass,
} from '@asphalt/core';
import { withoutLines } from '../graph/told.ts';

const Left = token<string>('Left');

class Feed {
  readonly told = new Signal<string>();
}

/** Decorates as a program could that the compiler has not seen. */
type Untyped = (target: object, member?: PropertyKey, place?: unknown) => void;

async function misusesOf(type: ComponentClass): Promise<string[]> {
  const { problems } = await planApplication(type);
  return problems.filter(({ code }) => code === 'ERR_DECORATOR').map(({ message }) => withoutLines(message));
}

describe('@inject where nothing can be injected', () => {
  test('a static property', async () => {
    class Wrong extends Component {
      @(inject(Left) as Untyped) static readonly left: string;
    }
    expect(await misusesOf(Wrong)).toMatchInlineSnapshot(`
      [
        "@inject() on \`left\` of Wrong has no effect
        component    the root component (Wrong)
        declared at  decorators.test.ts:LINE
        note         it stands on a static member, which no instance has
        help         take away \`static\`
        code         ERR_DECORATOR",
      ]
    `);
  });

  test('a parameter of a static method', async () => {
    class Wrong extends Component {
      static make(@(inject(Left) as Untyped) _left: string): void {}
    }
    expect(await misusesOf(Wrong)).toMatchInlineSnapshot(`
      [
        "@inject() on \`make()\` parameter 1 of Wrong has no effect
        component    the root component (Wrong)
        declared at  decorators.test.ts:LINE
        note         it stands on a static member, which no instance has
        help         take away \`static\`
        code         ERR_DECORATOR",
      ]
    `);
  });

  test('a method, an accessor and the class', async () => {
    @(inject(Left) as Untyped)
    class Wrong extends Component {
      @(inject(Left) as Untyped) method(): void {}
      @(injectAll(Left) as Untyped) get accessor(): string {
        return '';
      }
    }
    expect(await misusesOf(Wrong)).toMatchInlineSnapshot(`
      [
        "@inject() on \`method\` of Wrong has no effect
        component    the root component (Wrong)
        declared at  decorators.test.ts:LINE
        note         it stands on a method or an accessor
        help         put it before a property, a constructor parameter or a parameter of a method
        code         ERR_DECORATOR",
        "@injectAll() on \`accessor\` of Wrong has no effect
        component    the root component (Wrong)
        declared at  decorators.test.ts:LINE
        note         it stands on a method or an accessor
        help         put it before a property, a constructor parameter or a parameter of a method
        code         ERR_DECORATOR",
        "@inject() on the class of Wrong has no effect
        component    the root component (Wrong)
        declared at  decorators.test.ts:LINE
        note         it stands on the class itself
        help         put it before a property, a constructor parameter or a parameter of a method
        code         ERR_DECORATOR",
      ]
    `);
  });

  test('a parameter of a method that the runtime does not call', async () => {
    class Wrong extends Component {
      helper(@injectAll(Left) _left: ReadonlyMap<string, string>): void {}
    }
    expect(await misusesOf(Wrong)).toMatchInlineSnapshot(`
      [
        "@injectAll() on \`helper()\` parameter 1 of Wrong has no effect
        component    the root component (Wrong)
        declared at  decorators.test.ts:LINE
        note         the runtime does not call this method
        help         make the method a @provides, @task or @on, or take a hook: prepare, start or ready
        code         ERR_DECORATOR",
      ]
    `);
  });
});

describe('@provides, @task and @on where no method of instances is', () => {
  test('a property', async () => {
    class Wrong extends Component {
      @(provides(Left) as Untyped) readonly left = 'left';
    }
    expect(await misusesOf(Wrong)).toMatchInlineSnapshot(`
      [
        "@provides() on \`left\` of Wrong has no effect
        component    the root component (Wrong)
        declared at  decorators.test.ts:LINE
        note         it stands on something that is no method
        help         make it a method
        code         ERR_DECORATOR",
      ]
    `);
  });

  test('an accessor', async () => {
    class Wrong extends Component {
      @(task() as Untyped) get work(): string {
        return '';
      }
    }
    expect(await misusesOf(Wrong)).toHaveLength(1);
  });

  test('a static method', async () => {
    class Wrong extends Component {
      @provides(Left) static left(): string {
        return 'left';
      }
      @task() static work(): void {}
      @on(Feed, (feed) => feed.told) static hear(): void {}
    }
    const misuses = await misusesOf(Wrong);
    expect(misuses).toHaveLength(3);
    expect(misuses[0]).toMatchInlineSnapshot(`
      "@provides() on \`left\` of Wrong has no effect
        component    the root component (Wrong)
        declared at  decorators.test.ts:LINE
        note         it stands on a static member, which no instance has
        help         take away \`static\`
        code         ERR_DECORATOR"
    `);
  });

  test('work and handlers that are generators would never run', async () => {
    class Wrong extends Component {
      @task() *work(): Generator<void> {
        yield;
      }
      @onAll(Feed, (feed) => feed.told) async *hear(): AsyncGenerator<void> {
        yield;
      }
    }
    const misuses = await misusesOf(Wrong);
    expect(misuses).toHaveLength(2);
    expect(misuses[0]).toMatchInlineSnapshot(`
      "@task() on \`work\` of Wrong has no effect
        component    the root component (Wrong)
        declared at  decorators.test.ts:LINE
        note         the method is a generator, which does not run by itself
        help         take away the \`*\`; what is to be undone goes to onTeardown() of its context
        code         ERR_DECORATOR"
    `);
  });

  test('a handler that would never handle', async () => {
    class Wrong extends Component {
      @on(Feed, (feed) => feed.told, { concurrency: 0 }) none(): void {}
      @on(Feed, (feed) => feed.told, { concurrency: Number.NaN }) nan(): void {}
    }
    const misuses = await misusesOf(Wrong);
    expect(misuses).toHaveLength(2);
    expect(misuses[0]).toMatchInlineSnapshot(`
      "@on() on \`none\` of Wrong has no effect
        component    the root component (Wrong)
        declared at  decorators.test.ts:LINE
        note         with a concurrency of 0 it would never handle an event
        help         give a concurrency of at least 1
        code         ERR_DECORATOR"
    `);
  });
});

describe('what can never work is refused where it stands', () => {
  test('an identifier that is undefined, as classes are in circular imports', () => {
    expect(() => inject(undefined as never)).toThrowErrorMatchingInlineSnapshot(`
      [IdentifierError: @inject() requires a class or a token, got undefined
        note         a class is undefined while modules that import each other are loading
        help         inject it lazily: new LazyServiceIdentifier(() => TheClass)
        code         ERR_IDENTIFIER]
    `);
    for (const decorate of [injectAll, provides, on, onAll]) {
      expect(() => (decorate as (id: unknown, select?: unknown) => void)(undefined, () => undefined)).toThrow(
        'requires a class or a token, got undefined',
      );
    }
  });

  test('a provider of nothing', () => {
    expect(() => (provides as (...ids: unknown[]) => unknown)()).toThrow('@provides() requires a class or a token');
    expect(() => (provides as (...ids: unknown[]) => unknown)({ scope: 'context' })).toThrow(
      '@provides() requires a class',
    );
  });

  test('a name that could not be part of an alias', () => {
    expect(() => provides(Left, { name: 'two words' })).toThrowErrorMatchingInlineSnapshot(`
      [ResourceNameError: A resource name must consist of letters, digits, "_" and "-", got "two words"
        help         choose another name, such as "primary" or "read_only"
        code         ERR_RESOURCE_NAME]
    `);
  });
});

test('a file that was compiled with standard decorators is refused, not ignored', () => {
  // What a compiler makes of `@provides(Left) left() {}` there.
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
      note         only the decorators that TypeScript calls experimental can stand on parameters
      help         have a tsconfig.json that includes this file say "extends": "@asphalt/core/tsconfig.json"
      code         ERR_DECORATOR_MODE"
  `);
  const others = { component: component(), inject: inject(Left), task: task(), on: on(Feed, (feed) => feed.told) };
  for (const decorate of Object.values(others)) {
    expect(() => standard(decorate, 'method')).toThrow('was compiled as a standard decorator');
  }
});

test('the place of a decorator is that of the decorator', async () => {
  @component({ components: {} })
  class Wrong extends Component {
    @inject(Left) readonly left!: string;
  }
  const { problems } = await planApplication(Wrong);
  const lines = readFileSync(new URL(import.meta.url), 'utf8').split('\n');
  const line = lines.findIndex((text) => text.includes('readonly left!'));
  expect(problems[0]!.message).toMatch(new RegExp(`declared at  .*decorators\\.test\\.ts:${line + 1}$`, 'm'));
});
