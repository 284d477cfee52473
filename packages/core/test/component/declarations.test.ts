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
import { problemOf, problemsOf } from '../graph/told.ts';
import { settled } from '../application/gate.ts';

const Log = token<string[]>('Log');
const Left = token<string>('Left');
const Right = token<string>('Right');

class Feed {
  readonly told = new Signal<string>();
}

class Surroundings extends Component {
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
  @on(Feed, (feed) => feed.told)
  hear(event: string): void {
    this.log.push(`base hears ${event}`);
  }
  override start(@inject(Left) side: string): void {
    this.log.push(`base start ${side}`);
  }
}

/** What a component of the class writes into the log while it starts and hears one event. */
async function heard(type: new () => Base): Promise<string[]> {
  @component({ components: { surroundings: Surroundings, subject: type } })
  class App extends Component {}
  await using app = await startApplication(App);
  (await app.context.getResource(Feed)).told.dispatch('event');
  await settled();
  return app.context.getResource(Log);
}

describe('a subclass', () => {
  test('inherits needs, providers, tasks, handlers and hooks that it says nothing of', async () => {
    class Sub extends Base {}
    expect(await heard(Sub)).toEqual(['base date left', 'base start left', 'base work', 'base hears event']);
  });

  test('inherits through a class in between that says nothing', async () => {
    class Between extends Base {}
    class Sub extends Between {}
    expect(await heard(Sub)).toHaveLength(4);
  });

  test('that only overrides methods keeps what they are, and the needs of their parameters', async () => {
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
    expect(await heard(Sub)).toEqual(['sub date left', 'sub start left', 'sub work', 'sub hears event']);
  });

  test('that injects something else into a parameter replaces the needs of that method alone', async () => {
    class Sub extends Base {
      override date(@inject(Right) side: string): Date {
        this.log.push(`sub date ${side}`);
        return new Date(0);
      }
    }
    expect(await heard(Sub)).toEqual(['sub date right', 'base start left', 'base work', 'base hears event']);
  });

  test('that injects something else into a property replaces that need', async () => {
    class Sub extends Base {
      @inject(Right) declare readonly side: string;
      override work(): void {
        this.log.push(`sub works ${this.side}`);
      }
    }
    expect(await heard(Sub)).toContain('sub works right');
    expect(declarationsOf(Sub).needs.filter(({ member }) => member === 'side')).toHaveLength(1);
    expect(declarationsOf(Base).needs.find(({ member }) => member === 'side')?.id).toBe(Left);
  });

  test('that provides something else by a method takes nothing over from that of its base class', async () => {
    class Sub extends Base {
      @provides(Date, { name: 'again' })
      override date(): Date {
        this.log.push('sub date');
        return new Date(1);
      }
    }
    expect(await heard(Sub)).toEqual(['sub date', 'base start left', 'base work', 'base hears event']);
    expect(declarationsOf(Sub).needs.some(({ member }) => member === 'date')).toBe(false);
  });

  test('that makes another thing of a method does not keep the first one as well', () => {
    class Sub extends Base {
      @on(Feed, (feed) => feed.told)
      override work(): void {}
    }
    expect(declarationsOf(Sub).tasks).toEqual([]);
    expect(declarationsOf(Sub).handlers.map(({ member }) => member)).toEqual(['hear', 'work']);
    expect(declarationsOf(Sub).misuses).toEqual([]);
  });

  test('inherits the needs of a constructor, and replaces them when it says its own', () => {
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

  test('adds what it publishes by hand to what its base class does', () => {
    @provides(Left)
    class Parent extends Component {}
    @provides(Right)
    class Sub extends Parent {}
    expect(declarationsOf(Sub).providers.flatMap(({ ids }) => ids)).toEqual([Left, Right]);
    expect(declarationsOf(Parent).providers.flatMap(({ ids }) => ids)).toEqual([Left]);
  });

  test('has the options of its base class, which reads them, and says again only what differs', () => {
    const config = defineConfig({ size: { doc: 'Size', format: 'int', default: 7 } });
    @component({ config, description: 'Base', components: { one: Surroundings } })
    class Parent extends Component<typeof config> {}
    @component({ description: 'Sub' })
    class Sub extends Parent {}
    @component({ components: {} })
    class Childless extends Sub {}
    expect(declarationsOf(Sub).component?.options).toEqual({
      config,
      description: 'Sub',
      components: { one: Surroundings },
    });
    expect(declarationsOf(Childless).component?.options.components).toEqual({});
    expect(declarationsOf(Parent).component?.options.description).toBe('Base');
  });

  test('without @component is the component that its base class is', async () => {
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

  test('does not hide what is wrong in its base class', async () => {
    class Parent extends Component {
      @(inject(Left) as (target: object, member: string) => void) static readonly wrong: string;
    }
    class Sub extends Parent {}
    expect(await problemOf(Sub)).toContain('on `wrong` of Sub has no effect');
  });
});

describe('declarations', () => {
  test('of one class are nothing to a class beside it', () => {
    class One extends Base {
      @task() more(): void {}
    }
    class Two extends Base {}
    expect(declarationsOf(One).tasks).toHaveLength(2);
    expect(declarationsOf(Two).tasks).toHaveLength(1);
  });

  test('may have symbols as members', async () => {
    const member = Symbol('member');
    class WithSymbol extends Component {
      @provides(Left) [member](): string {
        return 'by symbol';
      }
    }
    await using app = await startApplication(WithSymbol);
    expect(app.context.getResourceSync(Left)).toBe('by symbol');
  });

  test('of a class that is no Component work as well', async () => {
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
  test('one method cannot be two things', async () => {
    class Wrong extends Component {
      @task()
      @provides(Left)
      both(): string {
        return '';
      }
    }
    expect(await problemOf(Wrong)).toMatchInlineSnapshot(`
      "@task() on \`both\` of Wrong has no effect
        component    the root component (Wrong)
        declared at  declarations.test.ts:LINE
        note         the method is already decorated with @provides()
        help         give each of them a method of its own
        code         ERR_DECORATOR"
    `);
  });

  test('two @provides on one method', async () => {
    class Wrong extends Component {
      @provides(Left)
      @provides(Right)
      both(): string {
        return '';
      }
    }
    expect(await problemOf(Wrong)).toMatchInlineSnapshot(`
      "@provides() on \`both\` of Wrong has no effect
        component    the root component (Wrong)
        declared at  declarations.test.ts:LINE
        note         the method is already decorated with @provides()
        help         name all identifiers in one: @provides(A, B)
        code         ERR_DECORATOR"
    `);
  });

  test('a hook has its part to play already', async () => {
    class Wrong extends Component {
      @provides(Left) override prepare(): never {
        throw new Error('never');
      }
      @task() override start(): void {}
      @on(Feed, (feed) => feed.told) override ready(): void {}
    }
    @component({ components: { wrong: Wrong, surroundings: Surroundings } })
    class App extends Component {}
    const problems = await problemsOf(App);
    expect(problems.filter((problem) => problem.includes('calls this method by itself'))).toHaveLength(3);
    expect(problems[0]).toMatchInlineSnapshot(`
      "@provides() on \`prepare\` of Wrong has no effect
        component    component \`wrong\` (Wrong)
        declared at  declarations.test.ts:LINE
        note         the runtime calls this method by itself, as a hook
        help         move what it does into a method of another name
        code         ERR_DECORATOR"
    `);
  });

  test('one place takes one value', async () => {
    class Wrong extends Component {
      @inject(Left) @inject(Left, 'other') readonly left!: string;
      override start(@inject(Left) @inject(Right) _side: string): void {}
    }
    @component({ components: { wrong: Wrong, surroundings: Surroundings, 'surroundings/other': Surroundings } })
    class App extends Component {}
    expect(await problemsOf(App)).toMatchInlineSnapshot(`
      [
        "@inject() on \`left\` of Wrong has no effect
        component    component \`wrong\` (Wrong)
        declared at  declarations.test.ts:LINE
        note         something else is injected there already
        help         keep one of the two
        code         ERR_DECORATOR",
        "@inject() on \`start()\` parameter 1 of Wrong has no effect
        component    component \`wrong\` (Wrong)
        declared at  declarations.test.ts:LINE
        note         something else is injected there already
        help         keep one of the two
        code         ERR_DECORATOR",
      ]
    `);
  });

  test('a method may handle several signals', async () => {
    class Fine extends Base {
      @on(Feed, (feed) => feed.told)
      @onAll(Feed, (feed) => feed.told)
      override hear(event: string): void {
        this.log.push(`hears ${event}`);
      }
    }
    expect((await heard(Fine)).filter((line) => line === 'hears event')).toHaveLength(2);
  });
});
