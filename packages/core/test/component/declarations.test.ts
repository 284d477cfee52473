import { problemOf, problemsOf, settled } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import {
  component,
  Component,
  defineConfig,
  inject,
  on,
  onAll,
  provides,
  Signal,
  startApplication,
  task,
  token,
} from '@asphalt/core';
import { declarationsOf } from '../../src/component/declarations.ts';

const Log = token<string[]>('Log');
const Left = token<string>('Left');
const Right = token<string>('Right');

class Feed {
  readonly added = new Signal<string>();
}

class Resources extends Component {
  @provides(Log) log(): string[] {
    return [];
  }
  @provides(Left) left(): string {
    return 'left';
  }
  @provides(Right) right(): string {
    return 'right';
  }
  @provides(Feed) feed(): Feed {
    return new Feed();
  }
}

class Base extends Component {
  @inject(Log) readonly log!: string[];
  @inject(Left) readonly side!: string;

  @provides(token('unused'), Date)
  date(@inject(Left) side: string): Date {
    this.log.push(`base date ${side}`);
    return new Date(0);
  }
  @task()
  work(): void {
    this.log.push('base work');
  }
  @on(Feed, (feed) => feed.added)
  hear(event: string): void {
    this.log.push(`base hears ${event}`);
  }
  override start(@inject(Left) side: string): void {
    this.log.push(`base start ${side}`);
  }
}

/** Returns the log of a component of the class after its start and one event. */
async function logOf(type: new () => Base): Promise<string[]> {
  @component({ components: { resources: Resources, subject: type } })
  class App extends Component {}
  await using app = await startApplication(App);
  (await app.context.getResource(Feed)).added.dispatch('event');
  await settled();
  return app.context.getResource(Log);
}

describe('a subclass', () => {
  test('a subclass inherits needs, providers, tasks, handlers and hooks', async () => {
    class Sub extends Base {}
    expect(await logOf(Sub)).toEqual(['base date left', 'base start left', 'base work', 'base hears event']);
  });

  test('a subclass inherits through an intermediate class without declarations', async () => {
    class Between extends Base {}
    class Sub extends Between {}
    expect(await logOf(Sub)).toHaveLength(4);
  });

  test('an overridden method keeps its declarations and the needs of its parameters', async () => {
    class Sub extends Base {
      override date(side: string): Date {
        this.log.push(`sub date ${side}`);
        return new Date(0);
      }
      override work(): void {
        this.log.push('sub work');
      }
      override hear(event: string): void {
        this.log.push(`sub hears ${event}`);
      }
      override start(side: string): void {
        this.log.push(`sub start ${side}`);
      }
    }
    expect(await logOf(Sub)).toEqual(['sub date left', 'sub start left', 'sub work', 'sub hears event']);
  });

  test('an overridden method with @inject replaces only the needs of that method', async () => {
    class Sub extends Base {
      override date(@inject(Right) side: string): Date {
        this.log.push(`sub date ${side}`);
        return new Date(0);
      }
    }
    expect(await logOf(Sub)).toEqual(['sub date right', 'base start left', 'base work', 'base hears event']);
  });

  test('a redeclared property with @inject replaces the inherited need', async () => {
    class Sub extends Base {
      @inject(Right) declare readonly side: string;
      override work(): void {
        this.log.push(`sub works ${this.side}`);
      }
    }
    expect(await logOf(Sub)).toContain('sub works right');
    expect(declarationsOf(Sub).needs.filter(({ member }) => member === 'side')).toHaveLength(1);
    expect(declarationsOf(Base).needs.find(({ member }) => member === 'side')?.id).toBe(Left);
  });

  test('an overridden method with @provides replaces the inherited provider and its needs', async () => {
    class Sub extends Base {
      @provides(Date, { name: 'again' })
      override date(): Date {
        this.log.push('sub date');
        return new Date(1);
      }
    }
    expect(await logOf(Sub)).toEqual(['sub date', 'base start left', 'base work', 'base hears event']);
    expect(declarationsOf(Sub).needs.some(({ member }) => member === 'date')).toBe(false);
  });

  test('an overridden task with @on is only a handler', () => {
    class Sub extends Base {
      @on(Feed, (feed) => feed.added)
      override work(): void {}
    }
    expect(declarationsOf(Sub).tasks).toEqual([]);
    expect(declarationsOf(Sub).handlers.map(({ member }) => member)).toEqual(['hear', 'work']);
    expect(declarationsOf(Sub).misuses).toEqual([]);
  });

  test('a subclass inherits the needs of the constructor unless its own constructor has @inject', () => {
    class Parent extends Component {
      constructor(
        @inject(Left) readonly left: string,
        @inject(Right) readonly right: string,
      ) {
        super();
      }
    }
    class Same extends Parent {}
    class Other extends Parent {
      constructor(@inject(Left) both: string) {
        super(both, both);
      }
    }
    expect(declarationsOf(Same).needs).toHaveLength(2);
    expect(declarationsOf(Other).needs).toHaveLength(1);
  });

  test('@provides on a subclass adds to @provides on its base class', () => {
    @provides(Left)
    class Parent extends Component {}
    @provides(Right)
    class Sub extends Parent {}
    expect(declarationsOf(Sub).providers.flatMap(({ ids }) => ids)).toEqual([Left, Right]);
    expect(declarationsOf(Parent).providers.flatMap(({ ids }) => ids)).toEqual([Left]);
  });

  test('the @component options of a subclass override single options of its base class', () => {
    const config = defineConfig({ size: { doc: 'Size', format: 'int', default: 7 } });
    @component({ config, description: 'Base', components: { one: Resources } })
    class Parent extends Component<typeof config> {}
    @component({ description: 'Sub' })
    class Sub extends Parent {}
    @component({ components: {} })
    class Childless extends Sub {}
    expect(declarationsOf(Sub).component?.options).toEqual({
      config,
      description: 'Sub',
      components: { one: Resources },
    });
    expect(declarationsOf(Childless).component?.options.components).toEqual({});
    expect(declarationsOf(Parent).component?.options.description).toBe('Base');
  });

  test('a subclass without @component has the options of its base class', async () => {
    const config = defineConfig({ size: { doc: 'Size', format: 'int', default: 7 } });
    @component({ config })
    class Parent extends Component<typeof config> {}
    class Sub extends Parent {
      readonly size = this.config.size;
    }
    const Made = token<Sub>('Made');
    class Publishing extends Sub {
      @provides(Made) me(): Sub {
        return this;
      }
    }
    await using app = await startApplication(Publishing, { config: { size: 8 } });
    expect(app.context.getResourceSync(Made).size).toBe(8);
  });

  test('a subclass reports the misuses of its base class', async () => {
    class Parent extends Component {
      @(inject(Left) as (target: object, member: string) => void) static readonly wrong: string;
    }
    class Sub extends Parent {}
    expect(await problemOf(Sub)).toContain('on `wrong` of Sub: static members are not supported');
  });
});

describe('declarations', () => {
  test('declarations of a class do not affect its siblings', () => {
    class One extends Base {
      @task() more(): void {}
    }
    class Two extends Base {}
    expect(declarationsOf(One).tasks).toHaveLength(2);
    expect(declarationsOf(Two).tasks).toHaveLength(1);
  });

  test('a member with declarations may be a symbol', async () => {
    const member = Symbol('member');
    class WithSymbol extends Component {
      @provides(Left) [member](): string {
        return 'by symbol';
      }
    }
    await using app = await startApplication(WithSymbol);
    expect(app.context.getResourceSync(Left)).toBe('by symbol');
  });

  test('a class that does not extend Component may have declarations', async () => {
    class Plain {
      @inject(Left, { optional: true }) readonly left: string | undefined;
      @provides(Right) right(): string {
        return `no ${this.left}`;
      }
    }
    await using app = await startApplication(Plain);
    expect(app.context.getResourceSync(Right)).toBe('no undefined');
  });
});

describe('decorators that contradict each other', () => {
  test('a method cannot be a task and a provider', async () => {
    class Wrong extends Component {
      @task()
      @provides(Left)
      both(): string {
        return '';
      }
    }
    expect(await problemOf(Wrong)).toMatchInlineSnapshot(`
      "@task() on \`both\` of Wrong: the method is already decorated with @provides()
        in           the root component (Wrong)
        declared at  declarations.test.ts:LINE
        help         use a separate method for each decorator
        code         ERR_DECORATOR"
    `);
  });

  test('a method cannot have two @provides', async () => {
    class Wrong extends Component {
      @provides(Left)
      @provides(Right)
      both(): string {
        return '';
      }
    }
    expect(await problemOf(Wrong)).toMatchInlineSnapshot(`
      "@provides() on \`both\` of Wrong: the method is already decorated with @provides()
        in           the root component (Wrong)
        declared at  declarations.test.ts:LINE
        help         list all identifiers in one decorator: @provides(A, B)
        code         ERR_DECORATOR"
    `);
  });

  test('a hook cannot be a provider, a task or a handler', async () => {
    class Wrong extends Component {
      @provides(Left) override prepare(): never {
        throw new Error('never');
      }
      @task() override start(): void {}
      @on(Feed, (feed) => feed.added) override ready(): void {}
    }
    @component({ components: { wrong: Wrong, resources: Resources } })
    class App extends Component {}
    const problems = await problemsOf(App);
    expect(problems.filter((problem) => problem.includes('already calls this method as a hook'))).toHaveLength(3);
    expect(problems[0]).toMatchInlineSnapshot(`
      "@provides() on \`prepare\` of Wrong: the runtime already calls this method as a hook
        in           component \`wrong\` (Wrong)
        declared at  declarations.test.ts:LINE
        help         move its code to a method with another name
        code         ERR_DECORATOR"
    `);
  });

  test('a place cannot have two @inject', async () => {
    class Wrong extends Component {
      @inject(Left) @inject(Left, 'other') readonly left!: string;
      override start(@inject(Left) @inject(Right) _side: string): void {}
    }
    @component({ components: { wrong: Wrong, resources: Resources, 'resources/other': Resources } })
    class App extends Component {}
    expect(await problemsOf(App)).toMatchInlineSnapshot(`
      [
        "@inject() on \`left\` of Wrong: another value is already injected there
        in           component \`wrong\` (Wrong)
        declared at  declarations.test.ts:LINE
        help         remove one of the two decorators
        code         ERR_DECORATOR",
        "@inject() on \`start()\` parameter 1 of Wrong: another value is already injected there
        in           component \`wrong\` (Wrong)
        declared at  declarations.test.ts:LINE
        help         remove one of the two decorators
        code         ERR_DECORATOR",
      ]
    `);
  });

  test('a method may handle several signals', async () => {
    class Fine extends Base {
      @on(Feed, (feed) => feed.added)
      @onAll(Feed, (feed) => feed.added)
      override hear(event: string): void {
        this.log.push(`hears ${event}`);
      }
    }
    expect((await logOf(Fine)).filter((line) => line === 'hears event')).toHaveLength(2);
  });
});
