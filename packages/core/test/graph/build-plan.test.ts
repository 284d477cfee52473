import { describe, expect, test } from 'vitest';
import {
  component,
  Component,
  defineConfig,
  fromConfig,
  inject,
  injectAll,
  LazyServiceIdentifier,
  on,
  onAll,
  planApplication,
  PlanError,
  provides,
  Signal,
  startApplication,
  task,
  token,
  unusedProviders,
  type ComponentClass,
  type Deferred,
  type Plan,
} from '@asphalt/core';
import { failureOf } from '../config/temp-folder.ts';
import { problemOf, problemsOf, withoutLines } from './told.ts';

class Mailer {}
class Mailbox {}
class Store {}
class Feed {
  readonly told = new Signal<string>();
}

class Mail extends Component {
  @provides(Mailer) mailer(): Mailer {
    return new Mailer();
  }
}

class Feeds extends Component {
  @provides(Feed) feed(): Feed {
    return new Feed();
  }
}

/** What each step waits for, by the names of steps. */
function arrowsOf({ steps }: Plan): string[] {
  const name = (index: number): string => {
    const { kind, node, provider } = steps[index]!;
    return `${node.path === '' ? 'root' : node.path}:${provider ? String(provider.declaration.member) : kind}`;
  };
  return steps.map(({ index, needs }) => `${name(index)} <- ${needs.map(name).join(' ')}`.trim());
}

async function plan(root: ComponentClass): Promise<Plan> {
  const made = await planApplication(root);
  expect(made.problems.map(({ message }) => message)).toEqual([]);
  return made;
}

describe('the steps and their order', () => {
  test('of a family: prepare before the children are made, start after they have started', async () => {
    class Leaf extends Component {
      @provides(Store) store(): Store {
        return new Store();
      }
    }
    @component({ components: { leaf: Leaf } })
    class Parent extends Component {
      @provides(Mailer) mailer(): Mailer {
        return new Mailer();
      }
      override prepare(): void {}
      override start(): void {}
    }
    expect(arrowsOf(await plan(Parent))).toMatchInlineSnapshot(`
      [
        "root:construct <-",
        "root:prepare <- root:construct",
        "root:mailer <- root:prepare",
        "root:start <- root:prepare root:mailer leaf:start",
        "leaf:construct <- root:prepare",
        "leaf:store <- leaf:construct",
        "leaf:start <- leaf:construct leaf:store",
      ]
    `);
  });

  test('of everything below a prepare, whatever stands between', async () => {
    class Leaf extends Component {}
    @component({ components: { leaf: Leaf } })
    class Between extends Component {}
    @component({ components: { between: Between } })
    class Root extends Component {
      override prepare(): void {}
    }
    expect(arrowsOf(await plan(Root))).toMatchInlineSnapshot(`
      [
        "root:construct <-",
        "root:prepare <- root:construct",
        "root:start <- root:prepare between:start",
        "between:construct <- root:prepare",
        "between:start <- between:construct between.leaf:construct",
        "between.leaf:construct <- root:prepare",
      ]
    `);
  });

  test('of a component without hooks and children is one step', async () => {
    class Bare extends Component {}
    expect(arrowsOf(await plan(Bare))).toEqual(['root:construct <-']);
  });

  test('of every place that a need can stand in', async () => {
    class Needy extends Component {
      @inject(Mailer) readonly mailer!: Mailer;
      constructor(@inject(Feed) readonly feed: Feed) {
        super();
      }
      @provides(Mailbox) box(@inject(Store) _store: Store): Mailbox {
        return new Mailbox();
      }
      override start(@inject(Store) _store: Store): void {}
    }
    class Stores extends Component {
      @provides(Store) store(): Store {
        return new Store();
      }
    }
    @component({ components: { needy: Needy, stores: Stores, mail: Mail, feeds: Feeds } })
    class App extends Component {}
    expect(arrowsOf(await plan(App)).filter((arrow) => arrow.startsWith('needy'))).toMatchInlineSnapshot(`
      [
        "needy:construct <- mail:mailer feeds:feed",
        "needy:box <- needy:construct stores:store",
        "needy:start <- needy:construct needy:box stores:store",
      ]
    `);
  });

  test('ready, tasks and handlers need what they need when everything has started', async () => {
    class Needy extends Component {
      override ready(@inject(Mailer) _mailer: Mailer): void {}
      @task() work(@injectAll(Store) _stores: ReadonlyMap<string, Store>): void {}
      @on(Feed, (feed) => feed.told) hear(_event: string, @inject(Mailer) _mailer: Mailer): void {}
    }
    @component({ components: { needy: Needy, mail: Mail, feeds: Feeds } })
    class App extends Component {}
    const made = await plan(App);
    expect(arrowsOf(made)).toContain('needy:construct <-');
    expect(made.components[1]!.uses).toEqual([2, 3]);
    expect(unusedProviders(made)).toEqual([]);
  });

  test('a need of all waits for every provider of the identifier, whatever its name', async () => {
    class Needy extends Component {
      @injectAll(Mailer) readonly mailers!: ReadonlyMap<string, Mailer>;
    }
    @component({ components: { needy: Needy, mail: Mail, 'mail/bulk': Mail } })
    class App extends Component {}
    expect(arrowsOf(await plan(App))).toContain('needy:construct <- mail:mailer mail/bulk:mailer');
  });

  test('what is published by hand is there when its component has started', async () => {
    @provides(Store)
    class ByHand extends Component {
      override start(): void {
        this.context.addResource(Store, new Store());
      }
    }
    class Needy extends Component {
      @inject(Store) readonly store!: Store;
    }
    @component({ components: { needy: Needy, hand: ByHand } })
    class App extends Component {}
    expect(arrowsOf(await plan(App))).toContain('needy:construct <- hand:start');
  });

  test('a deferred need makes no order', async () => {
    class Needy extends Component {
      @inject(Mailer, { deferred: true }) readonly mailer!: Deferred<Mailer>;
    }
    @component({ components: { needy: Needy, mail: Mail } })
    class App extends Component {}
    const made = await plan(App);
    expect(arrowsOf(made)).toContain('needy:construct <-');
    expect(made.components[1]!.uses).toEqual([]);
    expect(unusedProviders(made)).toEqual([]);
  });

  test('a provider that nobody needs is noted, and no problem', async () => {
    @component({ components: { mail: Mail } })
    class App extends Component {}
    expect(unusedProviders(await plan(App)).map(({ node }) => node.path)).toEqual(['mail']);
  });
});

describe('names', () => {
  test('come from the alias, unless the provider has one of its own', async () => {
    class Two extends Component {
      @provides(Mailer) mailer(): Mailer {
        return new Mailer();
      }
      @provides(Store, { name: 'own' }) store(): Store {
        return new Store();
      }
    }
    @component({ components: { 'two/bulk': Two } })
    class App extends Component {
      @inject(Mailer, 'bulk') readonly mailer!: Mailer;
      @inject(Store, 'own') readonly store!: Store;
    }
    expect((await plan(App)).providers.map(({ name }) => name)).toEqual(['bulk', 'own']);
  });

  test('may be read from an option', async () => {
    const config = defineConfig({ from: { doc: 'Mailer', format: 'string' } });
    @component({ config })
    class Needy extends Component<typeof config> {
      @inject(Mailer, fromConfig('from')) readonly mailer!: Mailer;
      @inject(Mailer, { name: fromConfig('from'), optional: true }) readonly again: Mailer | undefined;
    }
    @component({ components: { 'mail/bulk': Mail, mail: Mail, needy: Needy, second: Needy } })
    class App extends Component {}
    const { problems, components } = await planApplication(App, {
      config: { components: { needy: { from: 'bulk' } } },
    });
    expect(problems).toEqual([]);
    expect(components.slice(3).map(({ wiring }) => wiring.properties.map(({ key }) => key.name))).toEqual([
      ['bulk', 'bulk'],
      ['default', 'default'],
    ]);
  });

  test('an unnamed need of what the component provides itself means its own', async () => {
    class Self extends Component {
      @provides(Mailer) mailer(): Mailer {
        return new Mailer();
      }
      @task() work(@inject(Mailer) _own: Mailer, @inject(Mailer, 'default') _other: Mailer): void {}
    }
    @component({ components: { mail: Mail, 'self/bulk': Self } })
    class App extends Component {}
    const { wiring } = (await plan(App)).components[2]!;
    expect(wiring.methods.get('work')!.map((need) => need!.key.name)).toEqual(['bulk', 'default']);
  });
});

describe('lazy identifiers', () => {
  test('are read when the graph is built, in every decorator', async () => {
    class Needy extends Component {
      @inject(new LazyServiceIdentifier(() => Later)) readonly later!: Feed;
      @injectAll(new LazyServiceIdentifier(() => Later)) readonly all!: ReadonlyMap<string, Later>;
      @on(new LazyServiceIdentifier(() => Later), (later) => later.told) hear(_event: string): void {}
    }
    class Later extends Feed {}
    class Source extends Component {
      @provides(new LazyServiceIdentifier(() => Later)) later(): Later {
        return new Later();
      }
    }
    @component({ components: { needy: Needy, source: Source } })
    class App extends Component {
      @inject(Later) readonly later!: Later;
    }
    expect(arrowsOf(await plan(App))).toContain('needy:construct <- source:later source:later');
  });

  test('that give nothing, or fail, are told with their place', async () => {
    class Needy extends Component {
      @inject(new LazyServiceIdentifier(() => undefined as unknown as typeof Store)) readonly store!: Store;
      @on(new LazyServiceIdentifier<Feed>(() => fail()), (feed) => feed.told) hear(): void {}
    }
    const fail = (): never => {
      throw new ReferenceError('Feed is not defined');
    };
    expect(await problemsOf(Needy)).toMatchInlineSnapshot(`
      [
        "@inject() on \`store\` of Needy has no effect
        component    the root component (Needy)
        declared at  build-plan.test.ts:LINE
        note         its lazy identifier fails: A lazy identifier must be given a class or a token, got undefined
        help         have it return a class or a token that is there when all modules are loaded
        code         ERR_DECORATOR",
        "@on() on \`hear\` of Needy has no effect
        component    the root component (Needy)
        declared at  build-plan.test.ts:LINE
        note         its lazy identifier fails: ReferenceError: Feed is not defined
        help         have it return a class or a token that is there when all modules are loaded
        code         ERR_DECORATOR",
      ]
    `);
  });

  test('are recognised in a cycle', async () => {
    @provides(new LazyServiceIdentifier(() => Store))
    class Hand extends Component {
      @inject(Mailer) readonly mailer!: Mailer;
    }
    class Sender extends Component {
      @provides(Mailer) mailer(@inject(Store) _store: Store): Mailer {
        return new Mailer();
      }
    }
    @component({ components: { hand: Hand, sender: Sender } })
    class App extends Component {}
    expect(await problemOf(App)).toMatchInlineSnapshot(`
      "Two steps wait for each other and can never start
          ╭─▶ component \`hand\` (Hand), \`mailer\`, needs \`Mailer\`, which component \`sender\` (Sender) provides
          │     at build-plan.test.ts:LINE
          │     ▼
          │   component \`sender\` (Sender), \`mailer()\` parameter 1, needs \`Store\`, which component \`hand\` (Hand) provides
          │     at build-plan.test.ts:LINE
          ╰─────╯
        help         defer one need: @inject(Mailer, { deferred: true }) at \`mailer\` of Hand
                     or defer one need: @inject(Store, { deferred: true }) at \`mailer()\` parameter 1 of Sender
        code         ERR_DEPENDENCY_CYCLE"
    `);
  });
});

describe('a missing provider', () => {
  test('is told with path, class, member and place', async () => {
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
        declared at  build-plan.test.ts:LINE
        help         add a component that provides it, by a method with @provides(Store)
                     or make the need optional: @inject(Store, { optional: true })
        code         ERR_PROVIDER_MISSING"
    `);
  });

  test('of the same type under other names', async () => {
    @component({ components: { 'mail/bulk': Mail, 'mail/slow': Mail } })
    class App extends Component {
      constructor(@inject(Mailer) readonly mailer: Mailer) {
        super();
      }
    }
    expect(await problemOf(App)).toMatchInlineSnapshot(`
      "No component provides \`Mailer\`
        required by  the root component (App), constructor parameter 1
        declared at  build-plan.test.ts:LINE
        note         a \`Mailer\` named "bulk" is provided by component \`mail/bulk\` (Mail)
                     a \`Mailer\` named "slow" is provided by component \`mail/slow\` (Mail)
        help         ask for it by name: @inject(Mailer, 'bulk')
                     or add a component that provides a \`Mailer\` named "default"
        code         ERR_PROVIDER_MISSING"
    `);
  });

  test('of a type that is spelt alike, or that has a double', async () => {
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
        declared at  build-plan.test.ts:LINE
        note         there is a provider of another class of the same name, \`Mailer\`
        help         add a component that provides it, by a method with @provides(Mailer)
                     or make the need optional: @inject(Mailer, { optional: true })
        code         ERR_PROVIDER_MISSING",
        "No component provides \`Malier\` named "bulk"
        required by  the root component (App), \`start()\` parameter 2
        declared at  build-plan.test.ts:LINE
        note         there is a provider of \`Mailer\`
        help         add a component that provides it, by a method with @provides(Malier)
                     or make the need optional: @inject(Malier, { optional: true })
        code         ERR_PROVIDER_MISSING",
      ]
    `);
  });

  test('of a provider, a handler, a task and ready', async () => {
    class Needy extends Component {
      @provides(Mailbox) box(@inject(Store) _store: Store): Mailbox {
        return new Mailbox();
      }
      @on(Feed, (feed) => feed.told) hear(_event: string, @inject(Store) _store: Store): void {}
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

  test('is none where the need is optional, or of all', async () => {
    class Needy extends Component {
      @inject(Store, { optional: true }) readonly store: Store | undefined;
      @injectAll(Store) readonly stores!: ReadonlyMap<string, Store>;
      @onAll(Feed, (feed) => feed.told) hear(): void {}
    }
    expect(await problemsOf(Needy)).toEqual([]);
  });

  test('of a name that comes from an option that is not there', async () => {
    const config = defineConfig({ database: { doc: 'Database', format: 'string' } });
    @component({ config })
    class Needy extends Component<typeof config> {
      @inject(Store, fromConfig('databse')) readonly store!: Store;
    }
    expect(await problemOf(Needy)).toMatchInlineSnapshot(`
      "@inject() on \`store\` of Needy has no effect
        component    the root component (Needy)
        declared at  build-plan.test.ts:LINE
        note         the component has no option "databse"
        help         did you mean fromConfig('database')?
        code         ERR_DECORATOR"
    `);
    const other = defineConfig({ port: { doc: 'Port', format: 'int', default: 1 } });
    @component({ config: other })
    class Wrong extends Component<typeof other> {
      @inject(Store, fromConfig('port')) readonly store!: Store;
      @inject(Store, fromConfig('database')) readonly another!: Store;
    }
    const problems = await problemsOf(Wrong);
    expect(problems[0]).toContain('the option "port" gives no text');
    expect(problems[1]).toContain('declare it with defineConfig(); there is port');
    class Bare extends Component {
      @inject(Store, fromConfig('database')) readonly store!: Store;
    }
    expect(await problemOf(Bare)).toContain('declare it with defineConfig(); there are none');
  });
});

describe('two providers of one key', () => {
  test('in two components', async () => {
    @component({ components: { mail: Mail, post: Mail } })
    class App extends Component {}
    expect(await problemOf(App)).toMatchInlineSnapshot(`
      "Two providers give \`Mailer\` named "default"
        first        component \`mail\` (Mail), \`mailer\`, at build-plan.test.ts:LINE
        again        component \`post\` (Mail), \`mailer\`, at build-plan.test.ts:LINE
        note         an application holds one resource per type and name
        help         give the second component a name in its alias, such as \`post/second\`
        code         ERR_PROVIDER_DUPLICATE"
    `);
  });

  test('in one component', async () => {
    class Twice extends Component {
      @provides(Mailer, { name: 'x' }) one(): Mailer {
        return new Mailer();
      }
      @provides(Mailer, { name: 'x', scope: 'context' }) two(): Mailer {
        return new Mailer();
      }
    }
    expect(await problemOf(Twice)).toMatchInlineSnapshot(`
      "Two providers give \`Mailer\` named "x"
        first        the root component (Twice), \`one\`, at build-plan.test.ts:LINE
        again        the root component (Twice), \`two\`, at build-plan.test.ts:LINE
        note         an application holds one resource per type and name
        help         name one of them: @provides(Mailer, { name: 'other' })
        code         ERR_PROVIDER_DUPLICATE"
    `);
  });

  test('with a name of their own, which no alias changes', async () => {
    class Named extends Component {
      @provides(Mailer, { name: 'bulk' }) mailer(): Mailer {
        return new Mailer();
      }
    }
    @component({ components: { a: Named, 'b/second': Named } })
    class App extends Component {}
    expect(await problemOf(App)).toMatchInlineSnapshot(`
      "Two providers give \`Mailer\` named "bulk"
        first        component \`a\` (Named), \`mailer\`, at build-plan.test.ts:LINE
        again        component \`b/second\` (Named), \`mailer\`, at build-plan.test.ts:LINE
        note         an application holds one resource per type and name
        help         leave the name out of @provides(Mailer), so that each component's alias gives it, such as \`type/second\`
        code         ERR_PROVIDER_DUPLICATE"
    `);
  });

  test('are none where contexts bring the key along', async () => {
    @provides(Request, { scope: 'context' })
    class Server extends Component {}
    @component({ components: { one: Server, two: Server } })
    class App extends Component {}
    expect(await problemsOf(App)).toEqual([]);
  });
});

describe('scope', () => {
  class Session {}
  class Sessions extends Component {
    @provides(Session, { scope: 'context' }) session(): Session {
      return new Session();
    }
  }

  test('what exists once per context cannot be shared', async () => {
    @component({ components: { sessions: Sessions } })
    class App extends Component {
      @inject(Session) readonly session!: Session;
    }
    expect(await problemOf(App)).toMatchInlineSnapshot(`
      "\`Session\` exists once per context and cannot be injected where the whole application shares it
        required by  the root component (App), \`session\`
        declared at  build-plan.test.ts:LINE
        note         it is made for each context by component \`sessions\` (Sessions)
        help         inject it into an @on handler, a @task or another factory, which have a context of their own
                     or look it up in a context: await context.getResource(Session)
        code         ERR_PROVIDER_SCOPE"
    `);
  });

  test('nor be optional, deferred, one of all or listened to there', async () => {
    class Feeding extends Component {
      @provides(Feed, { scope: 'context' }) feed(): Feed {
        return new Feed();
      }
    }
    @component({ components: { sessions: Sessions, feeding: Feeding } })
    class App extends Component {
      @inject(Session, { optional: true }) readonly optional: Session | undefined;
      @inject(Session, { deferred: true }) readonly deferred!: Deferred<Session>;
      @injectAll(Session) readonly all!: ReadonlyMap<string, Session>;
      override ready(@inject(Session) _session: Session): void {}
      @on(Feed, (feed) => feed.told) hear(): void {}
      @onAll(Feed, (feed) => feed.told) hearAll(): void {}
    }
    const problems = await problemsOf(App);
    expect(problems.map((problem) => problem.split('\n')[1])).toMatchInlineSnapshot(`
      [
        "  required by  the root component (App), \`optional\`",
        "  required by  the root component (App), \`deferred\`",
        "  required by  the root component (App), \`all\`",
        "  required by  the root component (App), \`ready()\` parameter 1",
        "  required by  the root component (App), \`hear\`",
        "  required by  the root component (App), \`hearAll\`",
      ]
    `);
    expect(problems.every((problem) => problem.includes('ERR_PROVIDER_SCOPE'))).toBe(true);
  });

  test('is no matter where a context is: in handlers, tasks and factories', async () => {
    class Uses extends Component {
      @task() work(@inject(Session) _session: Session): void {}
      @on(Feed, (feed) => feed.told) hear(_event: string, @inject(Session) _session: Session): void {}
      @provides(Mailbox, { scope: 'context' }) box(@inject(Session) _session: Session): Mailbox {
        return new Mailbox();
      }
    }
    @component({ components: { sessions: Sessions, feeds: Feeds, uses: Uses } })
    class App extends Component {}
    expect(await problemsOf(App)).toEqual([]);
  });

  test('a server may provide a factory that needs what its own contexts bring along', async () => {
    @provides(Request, { scope: 'context' })
    class Server extends Component {
      @provides(Session, { scope: 'context' }) session(@inject(Request) request: Request): Session {
        return { url: request.url };
      }
      override start(): void {}
    }
    @component({ components: { server: Server } })
    class App extends Component {
      @provides(Mailbox, { scope: 'context' }) box(@inject(Request) _request: Request): Mailbox {
        return new Mailbox();
      }
      override prepare(): void {}
    }
    expect(await problemsOf(App)).toEqual([]);
    await using app = await startApplication(App);
    await app.context.run(async (context) => {
      context.addResource(Request, new Request('http://localhost/x'));
      expect(await context.getResource(Session)).toEqual({ url: 'http://localhost/x' });
    });
  });
});

describe('a cycle', () => {
  test('of two components is drawn, with what could be deferred', async () => {
    class Auth extends Component {
      @provides(Mailer) verifier(@inject(Store) _users: Store): Mailer {
        return new Mailer();
      }
    }
    class Users extends Component {
      @inject(Mailer) readonly verifier!: Mailer;
      @provides(Store) store(): Store {
        return new Store();
      }
    }
    @component({ components: { auth: Auth, users: Users } })
    class App extends Component {}
    expect(await problemOf(App)).toMatchInlineSnapshot(`
      "Two steps wait for each other and can never start
          ╭─▶ component \`auth\` (Auth), \`verifier()\` parameter 1, needs \`Store\`, which component \`users\` (Users) provides
          │     at build-plan.test.ts:LINE
          │     ▼
          │   component \`users\` (Users), \`verifier\`, needs \`Mailer\`, which component \`auth\` (Auth) provides
          │     at build-plan.test.ts:LINE
          ╰─────╯
        help         defer one need: @inject(Store, { deferred: true }) at \`verifier()\` parameter 1 of Auth
                     or defer one need: @inject(Mailer, { deferred: true }) at \`verifier\` of Users
        code         ERR_DEPENDENCY_CYCLE"
    `);
  });

  test('through the prepare of a parent', async () => {
    @component({ components: { mail: Mail } })
    class Parent extends Component {
      @inject(Mailer) readonly mailer!: Mailer;
      override prepare(): void {}
    }
    expect(await problemOf(Parent)).toMatchInlineSnapshot(`
      "Two steps wait for each other and can never start
          ╭─▶ the root component (Parent), \`mailer\`, needs \`Mailer\`, which component \`mail\` (Mail) provides
          │     at build-plan.test.ts:LINE
          │     ▼
          │   component \`mail\` (Mail) is made after prepare() of its parent, the root component (Parent)
          ╰─────╯
        help         defer one need: @inject(Mailer, { deferred: true }) at \`mailer\` of Parent
                     or move what prepare() of Parent does into start()
        code         ERR_DEPENDENCY_CYCLE"
    `);
  });

  test('through the prepare of somebody farther up', async () => {
    @component({ components: { mail: Mail } })
    class Between extends Component {}
    @component({ components: { between: Between } })
    class Root extends Component {
      override prepare(@inject(Mailer) _mailer: Mailer): void {}
    }
    expect(await problemOf(Root)).toMatchInlineSnapshot(`
      "Two steps wait for each other and can never start
          ╭─▶ the root component (Root), \`prepare()\` parameter 1, needs \`Mailer\`, which component \`between.mail\` (Mail) provides
          │     at build-plan.test.ts:LINE
          │     ▼
          │   component \`between.mail\` (Mail) is made after prepare() of the root component (Root), below which it stands
          ╰─────╯
        help         defer one need: @inject(Mailer, { deferred: true }) at \`prepare()\` parameter 1 of Root
                     or move what prepare() of Root does into start()
        code         ERR_DEPENDENCY_CYCLE"
    `);
  });

  test('of a component that needs what it provides itself', async () => {
    class Self extends Component {
      @inject(Store) readonly store!: Store;
      @provides(Store) make(): Store {
        return new Store();
      }
    }
    expect(await problemOf(Self)).toMatchInlineSnapshot(`
      "A component waits for itself and can never start
          ╭─▶ the root component (Self), \`store\`, needs \`Store\`, which the root component (Self) provides
          │     at build-plan.test.ts:LINE
          ╰─────╯
        help         defer one need: @inject(Store, { deferred: true }) at \`store\` of Self
        code         ERR_DEPENDENCY_CYCLE"
    `);
  });

  test('through what is published by hand', async () => {
    @provides(Store)
    class Hand extends Component {
      override start(@inject(Mailer) _mailer: Mailer): void {}
    }
    class Sender extends Component {
      @inject(Store) readonly store!: Store;
      @provides(Mailer) mailer(): Mailer {
        return new Mailer();
      }
    }
    @component({ components: { hand: Hand, sender: Sender } })
    class App extends Component {}
    expect(await problemOf(App)).toContain(
      'component `sender` (Sender), `store`, needs `Store`, which component `hand` (Hand) provides',
    );
  });

  test('is told once for every knot, and the rest of the graph is left alone', async () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => token<object>(name));
    const ring = (needs: number, provides_: number): ComponentClass => {
      class Node extends Component {
        @provides(keys[provides_]!) make(@inject(keys[needs]!) _need: object): object {
          return {};
        }
      }
      return Node;
    };
    @component({
      components: { a: ring(1, 0), b: ring(2, 1), c: ring(0, 2), d: ring(4, 3), e: ring(3, 4), f: ring(0, 5) },
    })
    class App extends Component {}
    const problems = await problemsOf(App);
    expect(problems.map((problem) => problem.split('\n')[0])).toEqual([
      '3 steps wait for each other and can never start',
      'Two steps wait for each other and can never start',
    ]);
  });

  test('is none where one need is deferred, where a parent injects what its children provide, or among handlers', async () => {
    class One extends Component {
      @inject(Mailer, { deferred: true }) readonly mailer!: Deferred<Mailer>;
      @provides(Feed) feed(): Feed {
        return new Feed();
      }
      @on(Feed, (feed) => feed.told) hear(_event: string, @inject(Mailbox) _box: Mailbox): void {}
    }
    class Two extends Component {
      @inject(Feed) readonly feed!: Feed;
      @provides(Mailer) mailer(): Mailer {
        return new Mailer();
      }
      @provides(Mailbox) box(): Mailbox {
        return new Mailbox();
      }
    }
    @component({ components: { one: One, two: Two } })
    class App extends Component {
      @inject(Mailer) readonly mailer!: Mailer;
    }
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

  test('come out together, in one error, before anything runs', async () => {
    const failure = await failureOf(() => startApplication(App, { config: { components: { none: {} } } }));
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
        2. There is no component type named "none"
             component    \`none\`
             from         set in code
             help         did you mean \`one\`?
                          or name a module and its export: type: ./file.ts:TheComponent
             code         ERR_COMPONENT_TYPE
        3. Two providers give \`Mailer\` named "default"
             first        component \`mail\` (Mail), \`mailer\`, at build-plan.test.ts:LINE
             again        component \`post\` (Mail), \`mailer\`, at build-plan.test.ts:LINE
             note         an application holds one resource per type and name
             help         give the second component a name in its alias, such as \`post/second\`
             code         ERR_PROVIDER_DUPLICATE
        4. @inject() on \`helper()\` parameter 1 of App has no effect
             component    the root component (App)
             declared at  build-plan.test.ts:LINE
             note         the runtime does not call this method
             help         make the method a @provides, @task or @on, or take a hook: prepare, start or ready
             code         ERR_DECORATOR
        5. No component provides \`Store\`
             required by  component \`one\` (Sized), \`store\`
             path         App › one (Sized)
             declared at  build-plan.test.ts:LINE
             help         add a component that provides it, by a method with @provides(Store)
                          or make the need optional: @inject(Store, { optional: true })
             code         ERR_PROVIDER_MISSING
        6. A component waits for itself and can never start
               ╭─▶ the root component (App), \`box()\` parameter 1, needs \`Mailbox\`, which the root component (App) provides
               │     at build-plan.test.ts:LINE
               ╰─────╯
             help         defer one need: @inject(Mailbox, { deferred: true }) at \`box()\` parameter 1 of App
             code         ERR_DEPENDENCY_CYCLE
        code         ERR_PLAN"
    `);
  });

  test('a single one speaks for itself', async () => {
    @component({ components: { mail: Mail, post: Mail } })
    class Twice extends Component {}
    const failure = await failureOf(() => startApplication(Twice));
    expect(failure).toMatchObject({ name: 'PlanError', code: 'ERR_PROVIDER_DUPLICATE' });
    expect(failure.message).toBe((failure as PlanError).errors[0]!.message);
  });
});
