import {
  component,
  Component,
  defineConfig,
  inject,
  on,
  provides,
  Signal,
  startApplication,
  task,
  token,
  type ComponentClass,
  type PlanOptions,
  type Token,
} from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import fc from 'fast-check';
import { expect, test } from 'vitest';

class Database {
  readonly rows: string[] = [];
}
abstract class Mailer {
  abstract send(text: string): void;
}
class SmtpMailer extends Mailer {
  send(): void {}
}
class Clock {}
class Ticks {
  readonly ticked = new Signal<number>();
}

class SqlComponent extends Component {
  @provides(Database)
  database(): Database {
    return new Database();
  }
}

const mailerOptions = defineConfig({ host: { doc: 'Mail server', format: 'string', required: true } });

@component({ config: mailerOptions })
class MailerComponent extends Component<typeof mailerOptions> {
  @provides(Mailer)
  mailer(@inject(Database) _database: Database): Mailer {
    throw new Error('must not run');
  }

  @task()
  async queue(): Promise<void> {
    throw new Error('must not run');
  }
}

class FakeMailer extends Mailer {
  readonly sent: string[] = [];
  send(text: string): void {
    this.sent.push(text);
  }
}

class Fakes extends Component {
  @provides(Mailer)
  mailer(): Mailer {
    return new FakeMailer();
  }
}

/** Returns the paths of the components of a plan without problems. */
async function pathsOf(root: ComponentClass, options: PlanOptions = { replacements: Fakes }): Promise<string[]> {
  const { components, problems } = await planApplication(root, options);
  expect(problems).toEqual([]);
  return components.map(({ node }) => node.path);
}

test('a component whose keys are replaced does not start, and neither does its only dependency', async () => {
  @component({ components: { sql: SqlComponent, mailer: MailerComponent } })
  class App extends Component {
    @inject(Mailer) readonly mailer!: Mailer;
  }
  expect(await pathsOf(App)).toEqual(['', '@replacements']);
  await using app = await startApplication(App, { replacements: Fakes });
  expect(app.context.getResourceSync(Mailer)).toBeInstanceOf(FakeMailer);
});

test('a dependency that another component uses still starts', async () => {
  @component({ components: { sql: SqlComponent, mailer: MailerComponent } })
  class App extends Component {
    @inject(Database) readonly database!: Database;
  }
  expect(await pathsOf(App)).toEqual(['', 'sql', '@replacements']);
});

test('a component that no component used before still starts', async () => {
  class ClockComponent extends Component {
    @provides(Clock)
    clock(): Clock {
      return new Clock();
    }
  }
  @component({ components: { sql: SqlComponent, mailer: MailerComponent, clock: ClockComponent } })
  class App extends Component {}
  expect(await pathsOf(App)).toEqual(['', 'clock', '@replacements']);
});

test('a dependency with a handler or a task still starts', async () => {
  class Watched extends SqlComponent {
    @task()
    async watch(): Promise<void> {}
  }
  @component({ components: { sql: Watched, mailer: MailerComponent } })
  class App extends Component {}
  expect(await pathsOf(App)).toEqual(['', 'sql', '@replacements']);

  class Handling extends SqlComponent {
    @provides(Ticks)
    ticks(): Ticks {
      return new Ticks();
    }

    @on(Ticks, (ticks) => ticks.ticked)
    tick(): void {}
  }
  @component({ components: { sql: Handling, mailer: MailerComponent } })
  class Other extends Component {}
  expect(await pathsOf(Other)).toEqual(['', 'sql', '@replacements']);
});

test('a component with another key starts without the replaced provider and its needs', async () => {
  class Both extends Component {
    @provides(Clock)
    clock(): Clock {
      return new Clock();
    }

    @provides(Mailer)
    mailer(@inject(Database) _database: Database): Mailer {
      throw new Error('must not run');
    }
  }
  @component({ components: { sql: SqlComponent, both: Both } })
  class App extends Component {}
  expect(await pathsOf(App)).toEqual(['', 'both', '@replacements']);
  await using app = await startApplication(App, { replacements: Fakes });
  expect(app.context.getResourceSync(Clock)).toBeInstanceOf(Clock);
});

test('a provider of several identifiers keeps those that are not replaced', async () => {
  class Several extends Component {
    @provides(Mailer, SmtpMailer)
    mailer(): SmtpMailer {
      return new SmtpMailer();
    }
  }
  @component({ components: { mailer: Several } })
  class App extends Component {}
  await using app = await startApplication(App, { replacements: Fakes });
  expect(app.context.getResourceSync(Mailer)).toBeInstanceOf(FakeMailer);
  expect(app.context.getResourceSync(SmtpMailer)).toBeInstanceOf(SmtpMailer);
});

test('only the resource with the name of the replacement is replaced', async () => {
  class Named extends Component {
    @provides(Mailer)
    mailer(): Mailer {
      return new SmtpMailer();
    }
  }
  @component({ components: { 'mailer/bulk': Named, mailer: Named } })
  class App extends Component {}
  expect(await pathsOf(App)).toEqual(['', 'mailer/bulk', '@replacements']);
});

test('a parent is left out with children that publish nothing else', async () => {
  class Child extends Component {
    override start(): void {
      throw new Error('must not run');
    }
  }
  @component({ components: { child: Child } })
  class Parent extends Component {
    @provides(Mailer)
    mailer(): Mailer {
      throw new Error('must not run');
    }
  }
  @component({ components: { parent: Parent } })
  class App extends Component {}
  expect(await pathsOf(App)).toEqual(['', '@replacements']);
});

test('a parent whose child publishes another key starts without its provider', async () => {
  @component({ components: { sql: SqlComponent } })
  class Parent extends Component {
    @provides(Mailer)
    mailer(): Mailer {
      throw new Error('must not run');
    }
  }
  @component({ components: { parent: Parent } })
  class App extends Component {}
  expect(await pathsOf(App)).toEqual(['', 'parent', 'parent.sql', '@replacements']);
});

test('the root starts even if all its keys are replaced', async () => {
  class App extends Component {
    @provides(Mailer)
    mailer(): Mailer {
      throw new Error('must not run');
    }
  }
  expect(await pathsOf(App)).toEqual(['', '@replacements']);
});

test('a chain of components that only a replaced one needed is left out', async () => {
  class Pool {}
  class PoolComponent extends Component {
    @provides(Pool)
    pool(): Pool {
      return new Pool();
    }
  }
  class Middle extends Component {
    @provides(Database)
    database(@inject(Pool) _pool: Pool): Database {
      return new Database();
    }
  }
  @component({ components: { pool: PoolComponent, sql: Middle, mailer: MailerComponent } })
  class App extends Component {}
  expect(await pathsOf(App)).toEqual(['', '@replacements']);
});

test('the options of a component that starts are still checked', async () => {
  @component({ config: mailerOptions })
  class Needy extends Component<typeof mailerOptions> {}
  @component({ components: { mailer: MailerComponent, needy: Needy } })
  class App extends Component {}
  const { problems } = await planApplication(App, { replacements: Fakes });
  expect(problems.map(({ summary }) => summary)).toEqual(['`component.components.needy.host` is required']);
});

test('a component of any graph starts unless it is replaced or only components that do not start used it', async () => {
  const graphs = fc.array(fc.record({ needs: fc.array(fc.nat(20)), replaced: fc.boolean() }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(graphs, async (graph) => {
      const keys = graph.map((_, index) => token<number>(`key ${index}`));
      const needs = graph.map((each, index) => [...new Set(each.needs.filter((need) => need < index))]);
      const children = graph.map((_, index): [string, ComponentClass] => [
        `c${index}`,
        componentOf(
          [keys[index]!],
          needs[index]!.map((need) => keys[need]!),
        ),
      ]);
      @component({ components: Object.fromEntries(children) })
      class App extends Component {}

      const starts: boolean[] = [];
      for (let index = graph.length - 1; index >= 0; index--) {
        const users = needs.flatMap((list, user) => (list.includes(index) ? [user] : []));
        starts[index] = !graph[index]!.replaced && (users.length === 0 || users.some((user) => starts[user]));
      }
      const replacements = componentOf(
        keys.filter((_, index) => graph[index]!.replaced),
        [],
      );
      const expected = children.flatMap(([alias], index) => (starts[index] ? [alias] : []));
      expect(await pathsOf(App, { replacements })).toEqual(['', ...expected, '@replacements']);
    }),
  );
});

/** Returns a component that publishes keys and needs others. */
function componentOf(keys: ReadonlyArray<Token<number>>, needs: ReadonlyArray<Token<number>>): ComponentClass {
  class Some extends Component {}
  for (const [index, need] of needs.entries()) inject(need)(Some.prototype, `need${index}`);
  for (const [index, key] of keys.entries()) {
    const descriptor = { configurable: true, writable: true, value: () => index };
    Object.defineProperty(Some.prototype, `value${index}`, descriptor);
    const decorate = provides(key) as MethodDecorator;
    decorate(Some.prototype, `value${index}`, descriptor);
  }
  return Some;
}
