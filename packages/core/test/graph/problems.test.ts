import { errorOf, problemOf, problemsOf, withoutLines } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import {
  Application,
  component,
  Component,
  defineConfig,
  fromConfig,
  inject,
  injectAll,
  on,
  onAll,
  PlanError,
  provides,
  Signal,
  startApplication,
  task,
} from '@asphalt/core';

class Mailer {}
class Mailbox {}
class Store {}
class Feed {
  readonly added = new Signal<string>();
}

class Mail extends Component {
  @provides(Mailer) mailer(): Mailer {
    return new Mailer();
  }
}

describe('a missing provider', () => {
  test('a missing provider is reported with path, class, member and location', async () => {
    class Reports extends Component {
      @inject(Store) readonly store!: Store;
    }
    @component({ components: { reports: Reports } })
    class Api extends Component {}
    @component({ components: { api: Api } })
    class App extends Component {}
    expect(await problemOf(App)).toMatchInlineSnapshot(`
      "No component provides \`Store\`
        required by  component \`api.reports\` (Reports), \`store\`
        path         App › api (Api) › reports (Reports)
        declared at  problems.test.ts:LINE
        help         add a component that provides it with a @provides(Store) method
                     or make the need optional: @inject(Store, { optional: true })
        code         ERR_PROVIDER_MISSING"
    `);
  });

  test('other names of the same type are suggested', async () => {
    @component({ components: { 'mail/bulk': Mail, 'mail/slow': Mail } })
    class App extends Component {
      constructor(@inject(Mailer) readonly mailer: Mailer) {
        super();
      }
    }
    expect(await problemOf(App)).toMatchInlineSnapshot(`
      "No component provides \`Mailer\`
        required by  the root component (App), constructor parameter 1
        declared at  problems.test.ts:LINE
        note         a \`Mailer\` named "bulk" is provided by component \`mail/bulk\` (Mail)
                     a \`Mailer\` named "slow" is provided by component \`mail/slow\` (Mail)
        help         ask for it by name: @inject(Mailer, 'bulk')
                     or add a component that provides a \`Mailer\` named "default"
        code         ERR_PROVIDER_MISSING"
    `);
  });

  test('types with a similar name and another class with the same name are suggested', async () => {
    const twin = { Mailer: class Mailer {} };
    class Malier {}
    @component({ components: { mail: Mail } })
    class App extends Component {
      override start(@inject(twin.Mailer) _twin: Mailer, @inject(Malier, 'bulk') _malier: Mailer): void {}
    }
    expect(await problemsOf(App)).toMatchInlineSnapshot(`
      [
        "No component provides \`Mailer\`
        required by  the root component (App), \`start()\` parameter 1
        declared at  problems.test.ts:LINE
        note         component \`mail\` (Mail) provides another class with the same name, \`Mailer\`
        help         import \`Mailer\` from one module; \`asphalt doctor\` finds packages that are installed twice
                     or add a component that provides it with a @provides(Mailer) method
                     or make the need optional: @inject(Mailer, { optional: true })
        code         ERR_PROVIDER_MISSING",
        "No component provides \`Malier\` named "bulk"
        required by  the root component (App), \`start()\` parameter 2
        declared at  problems.test.ts:LINE
        help         did you mean \`Mailer\`? Component \`mail\` (Mail) provides it
                     or add a component that provides it with a @provides(Malier) method
                     or make the need optional: @inject(Malier, { optional: true })
        code         ERR_PROVIDER_MISSING",
      ]
    `);
  });

  test('missing providers for providers, handlers, tasks and ready are reported', async () => {
    class Needy extends Component {
      @provides(Mailbox) box(@inject(Store) _store: Store): Mailbox {
        return new Mailbox();
      }
      @on(Feed, (feed) => feed.added) hear(_event: string, @inject(Store) _store: Store): void {}
      @task() work(@inject(Store) _store: Store): void {}
      override ready(@inject(Store) _store: Store): void {}
    }
    const problems = await problemsOf(Needy);
    expect(problems.map((problem) => problem.split('\n').slice(0, 2).join('; '))).toMatchInlineSnapshot(`
      [
        "No component provides \`Store\`;   required by  the root component (Needy), \`box()\` parameter 1",
        "No component provides \`Store\`;   required by  the root component (Needy), \`hear()\` parameter 2",
        "No component provides \`Store\`;   required by  the root component (Needy), \`work()\` parameter 1",
        "No component provides \`Store\`;   required by  the root component (Needy), \`ready()\` parameter 1",
        "No component provides \`Feed\`;   required by  the root component (Needy), \`hear\`",
      ]
    `);
  });

  test('an optional or collected need requires no provider', async () => {
    class Needy extends Component {
      @inject(Store, { optional: true }) readonly store: Store | undefined;
      @injectAll(Store) readonly stores!: ReadonlyMap<string, Store>;
      @onAll(Feed, (feed) => feed.added) hear(): void {}
    }
    expect(await problemsOf(Needy)).toEqual([]);
  });

  test('fromConfig with an unknown option is reported', async () => {
    const config = defineConfig({ database: { doc: 'Database', format: 'string' } });
    @component({ config })
    class Needy extends Component<typeof config> {
      @inject(Store, fromConfig('databse')) readonly store!: Store;
    }
    expect(await problemOf(Needy)).toMatchInlineSnapshot(`
      "fromConfig("databse") on \`store\` of Needy: the component has no such option
        in           the root component (Needy)
        declared at  problems.test.ts:LINE
        help         did you mean fromConfig('database')?
                     or declare it with defineConfig()
        code         ERR_DECORATOR"
    `);
    const other = defineConfig({ port: { doc: 'Port', format: 'int', default: 1 } });
    @component({ config: other })
    class Wrong extends Component<typeof other> {
      @inject(Store, fromConfig('port')) readonly store!: Store;
      @inject(Store, fromConfig('database')) readonly another!: Store;
    }
    const problems = await problemsOf(Wrong);
    expect(problems[0]).toContain('fromConfig("port") on `store` of Wrong: the option is not a string');
    expect(problems[1]).toContain("declare it with defineConfig(); the component's options: port");
    class Bare extends Component {
      @inject(Store, fromConfig('database')) readonly store!: Store;
    }
    expect(await problemOf(Bare)).toContain('declare it with defineConfig(); the component has no options');
  });
});

describe('two providers of one key', () => {
  test('two components that provide one key are reported', async () => {
    @component({ components: { mail: Mail, post: Mail } })
    class App extends Component {}
    expect(await problemOf(App)).toMatchInlineSnapshot(`
      "Two providers provide \`Mailer\` named "default"
        first        component \`mail\` (Mail), \`mailer\`, at problems.test.ts:LINE
        again        component \`post\` (Mail), \`mailer\`, at problems.test.ts:LINE
        note         an application has one resource per type and name
        help         name the second one in its alias: \`post/second\`
        code         ERR_PROVIDER_DUPLICATE"
    `);
  });

  test('two methods of a component that provide one key are reported', async () => {
    class Twice extends Component {
      @provides(Mailer, { name: 'x' }) one(): Mailer {
        return new Mailer();
      }
      @provides(Mailer, { name: 'x', scope: 'context' }) two(): Mailer {
        return new Mailer();
      }
    }
    expect(await problemOf(Twice)).toMatchInlineSnapshot(`
      "Two providers provide \`Mailer\` named "x"
        first        the root component (Twice), \`one\`, at problems.test.ts:LINE
        again        the root component (Twice), \`two\`, at problems.test.ts:LINE
        note         an application has one resource per type and name
        help         name one of them: @provides(Mailer, { name: 'other' })
        code         ERR_PROVIDER_DUPLICATE"
    `);
  });

  test('two providers with the same name in their decorator are reported', async () => {
    class Named extends Component {
      @provides(Mailer, { name: 'bulk' }) mailer(): Mailer {
        return new Mailer();
      }
    }
    @component({ components: { a: Named, 'b/second': Named } })
    class App extends Component {}
    expect(await problemOf(App)).toMatchInlineSnapshot(`
      "Two providers provide \`Mailer\` named "bulk"
        first        component \`a\` (Named), \`mailer\`, at problems.test.ts:LINE
        again        component \`b/second\` (Named), \`mailer\`, at problems.test.ts:LINE
        note         an application has one resource per type and name
        help         remove the name from @provides(Mailer) and name each component in its alias, such as \`type/second\`
        code         ERR_PROVIDER_DUPLICATE"
    `);
  });

  test('a provider for a resource of the runtime is reported', async () => {
    class Own extends Component {
      @provides(Application) application(): Application {
        return expect.unreachable();
      }
    }
    class Watch extends Component {
      @inject(Application) readonly application!: Application;
    }
    @component({ components: { own: Own, 'own/other': Own, watch: Watch } })
    class App extends Component {}
    expect(await problemOf(App)).toMatchInlineSnapshot(`
      "Two providers provide \`Application\` named "default"
        first        the runtime itself, before anything starts
        again        component \`own\` (Own), \`application\`, at problems.test.ts:LINE
        note         an application has one resource per type and name
        help         remove this provider and inject \`Application\`
                     or choose another name: @provides(Application, { name: 'other' })
        code         ERR_PROVIDER_DUPLICATE"
    `);
  });

  test('several components may open contexts that provide one key', async () => {
    @provides(Request, { scope: 'context' })
    class Server extends Component {}
    @component({ components: { one: Server, two: Server } })
    class App extends Component {}
    expect(await problemsOf(App)).toEqual([]);
  });
});

describe('several problems', () => {
  const config = defineConfig({ size: { doc: 'Size', format: 'int', required: true } });
  @component({ config })
  class Sized extends Component<typeof config> {
    @inject(Store) readonly store!: Store;
  }
  @component({ components: { one: Sized, mail: Mail, post: Mail } })
  class App extends Component {
    helper(@inject(Mailer) _mailer: Mailer): void {}
    @provides(Mailbox) box(@inject(Mailbox) _box: Mailbox): Mailbox {
      return new Mailbox();
    }
  }

  test('several problems are reported in one error before anything runs', async () => {
    const failure = await errorOf(() => startApplication(App, { config: { components: { none: {} } } }));
    expect(failure).toBeInstanceOf(PlanError);
    expect((failure as PlanError).errors.map(({ code }) => code)).toEqual([
      'ERR_CONFIG_INVALID',
      'ERR_COMPONENT_TYPE',
      'ERR_PROVIDER_DUPLICATE',
      'ERR_DECORATOR',
      'ERR_PROVIDER_MISSING',
      'ERR_DEPENDENCY_CYCLE',
    ]);
    expect(withoutLines(failure.message)).toMatchInlineSnapshot(`
      "The application cannot start: 6 problems
        1. \`component.components.one.size\` is required
             help         set it in a configuration file, or with --set component.components.one.size=…
             code         ERR_CONFIG_INVALID
        2. Unknown component type "none"
             in           component \`none\`
             from         set in code
             help         did you mean \`one\`?
                          or name a module and its export: type: ./file.ts:TheComponent
             code         ERR_COMPONENT_TYPE
        3. Two providers provide \`Mailer\` named "default"
             first        component \`mail\` (Mail), \`mailer\`, at problems.test.ts:LINE
             again        component \`post\` (Mail), \`mailer\`, at problems.test.ts:LINE
             note         an application has one resource per type and name
             help         name the second one in its alias: \`post/second\`
             code         ERR_PROVIDER_DUPLICATE
        4. @inject() on \`helper()\` parameter 1 of App: the runtime does not call this method
             in           the root component (App)
             declared at  problems.test.ts:LINE
             help         decorate the method with @provides, @task, @on or @health, or use a hook: prepare, start or ready
             code         ERR_DECORATOR
        5. No component provides \`Store\`
             required by  component \`one\` (Sized), \`store\`
             path         App › one (Sized)
             declared at  problems.test.ts:LINE
             help         add a component that provides it with a @provides(Store) method
                          or make the need optional: @inject(Store, { optional: true })
             code         ERR_PROVIDER_MISSING
        6. A component depends on itself and can never start
               ╭─▶ the root component (App), \`box()\` parameter 1, needs \`Mailbox\`, provided by the root component (App)
               │     at problems.test.ts:LINE
               ╰─────╯
             help         defer one need: @inject(Mailbox, { deferred: true }) on \`box()\` parameter 1 of App
             code         ERR_DEPENDENCY_CYCLE
        code         ERR_PLAN"
    `);
  });

  test('a single problem is reported with its own code and message', async () => {
    @component({ components: { mail: Mail, post: Mail } })
    class Twice extends Component {}
    const failure = await errorOf(() => startApplication(Twice));
    expect(failure).toMatchObject({ name: 'PlanError', code: 'ERR_PROVIDER_DUPLICATE' });
    expect(failure.message).toBe((failure as PlanError).errors[0]!.message);
  });
});
