import { problemOf, problemsOf } from '@asphalt/test-support';
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
  provides,
  Signal,
  startApplication,
  task,
  type ComponentClass,
  type Deferred,
  type Plan,
} from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';

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

class Feeds extends Component {
  @provides(Feed) feed(): Feed {
    return new Feed();
  }
}

/** Returns the providers that no component needs. */
function unused({ providers }: Plan): Plan['providers'] {
  return providers.filter(({ used }) => !used);
}

/** Returns each step with the steps that it waits for. */
function edgesOf({ steps }: Plan): string[] {
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
  test('children are constructed after the prepare of their parent and started before its start', async () => {
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
    expect(edgesOf(await plan(Parent))).toMatchInlineSnapshot(`
      [
        "root:construct <-",
        "root:prepare <- root:construct",
        "root:mailer <- root:prepare",
        "root:start <- root:prepare root:mailer leaf:store",
        "leaf:construct <- root:prepare",
        "leaf:store <- leaf:construct",
      ]
    `);
  });

  test('a component without a start method has a start step only if the step waits for several others', async () => {
    @component()
    class One extends Component {
      @provides(Store) store(): Store {
        return new Store();
      }
    }
    @component()
    class Two extends Component {
      @provides(Store, { name: 'second' }) store(): Store {
        return new Store();
      }
      @provides(Mailer) mailer(): Mailer {
        return new Mailer();
      }
    }
    @component({ components: { one: One, two: Two } })
    class Parent extends Component {}
    expect(edgesOf(await plan(Parent))).toEqual([
      'root:construct <-',
      'root:start <- root:construct one:store two:start',
      'one:construct <-',
      'one:store <- one:construct',
      'two:construct <-',
      'two:store <- two:construct',
      'two:mailer <- two:construct',
      'two:start <- two:construct two:store two:mailer',
    ]);
  });

  test('prepare precedes the construction of all descendants', async () => {
    class Leaf extends Component {}
    @component({ components: { leaf: Leaf } })
    class Between extends Component {}
    @component({ components: { between: Between } })
    class Root extends Component {
      override prepare(): void {}
    }
    expect(edgesOf(await plan(Root))).toMatchInlineSnapshot(`
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

  test('a component without hooks and children is a single step', async () => {
    class Bare extends Component {}
    expect(edgesOf(await plan(Bare))).toEqual(['root:construct <-']);
  });

  test('a need adds an edge to the step of its constructor, property, provider or hook', async () => {
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
    expect(edgesOf(await plan(App)).filter((edge) => edge.startsWith('needy'))).toMatchInlineSnapshot(`
      [
        "needy:construct <- mail:mailer feeds:feed",
        "needy:box <- needy:construct stores:store",
        "needy:start <- needy:construct needy:box stores:store",
      ]
    `);
  });

  test('needs of ready, tasks and handlers add no edges but count as uses', async () => {
    class Needy extends Component {
      override ready(@inject(Mailer) _mailer: Mailer): void {}
      @task() work(@injectAll(Store) _stores: ReadonlyMap<string, Store>): void {}
      @on(Feed, (feed) => feed.added) hear(_event: string, @inject(Mailer) _mailer: Mailer): void {}
    }
    @component({ components: { needy: Needy, mail: Mail, feeds: Feeds } })
    class App extends Component {}
    const made = await plan(App);
    expect(edgesOf(made)).toContain('needy:construct <-');
    expect(made.components[1]!.uses).toEqual([2, 3]);
    expect(unused(made)).toEqual([]);
  });

  test('@injectAll waits for every provider of the identifier under any name', async () => {
    class Needy extends Component {
      @injectAll(Mailer) readonly mailers!: ReadonlyMap<string, Mailer>;
    }
    @component({ components: { needy: Needy, mail: Mail, 'mail/bulk': Mail } })
    class App extends Component {}
    expect(edgesOf(await plan(App))).toContain('needy:construct <- mail:mailer mail/bulk:mailer');
  });

  test('a need for a resource that start() publishes waits for the start of the component', async () => {
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
    expect(edgesOf(await plan(App))).toContain('needy:construct <- hand:start');
  });

  test('a deferred need adds no edge', async () => {
    class Needy extends Component {
      @inject(Mailer, { deferred: true }) readonly mailer!: Deferred<Mailer>;
    }
    @component({ components: { needy: Needy, mail: Mail } })
    class App extends Component {}
    const made = await plan(App);
    expect(edgesOf(made)).toContain('needy:construct <-');
    expect(made.components[1]!.uses).toEqual([]);
    expect(unused(made)).toEqual([]);
  });

  test('a provider that no component needs is marked as unused and is not a problem', async () => {
    @component({ components: { mail: Mail } })
    class App extends Component {}
    expect(unused(await plan(App)).map(({ node }) => node.path)).toEqual(['mail']);
  });
});

describe('resource names', () => {
  test('a resource name comes from the alias unless the provider sets its own', async () => {
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

  test('fromConfig reads a resource name from an option', async () => {
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

  test('an unnamed need for an identifier that the component provides itself means its own resource', async () => {
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
  test('every decorator resolves lazy identifiers when the graph is built', async () => {
    class Needy extends Component {
      @inject(new LazyServiceIdentifier(() => Later)) readonly later!: Feed;
      @injectAll(new LazyServiceIdentifier(() => Later)) readonly all!: ReadonlyMap<string, Later>;
      @on(new LazyServiceIdentifier(() => Later), (later) => later.added) hear(_event: string): void {}
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
    expect(edgesOf(await plan(App))).toContain('needy:construct <- source:later source:later');
  });

  test('a lazy identifier that returns nothing or throws is reported with its location', async () => {
    class Needy extends Component {
      @inject(new LazyServiceIdentifier(() => undefined as unknown as typeof Store)) readonly store!: Store;
      @on(new LazyServiceIdentifier<Feed>(() => fail()), (feed) => feed.added) hear(): void {}
    }
    const fail = (): never => {
      throw new ReferenceError('Feed is not defined');
    };
    expect(await problemsOf(Needy)).toMatchInlineSnapshot(`
      [
        "@inject() on \`store\` of Needy: its lazy identifier failed
        in           the root component (Needy)
        declared at  build-plan.test.ts:LINE
        note         A lazy identifier requires a class or a token, got undefined
        help         return a class or a token that exists once all modules are loaded
        code         ERR_DECORATOR",
        "@on() on \`hear\` of Needy: its lazy identifier failed
        in           the root component (Needy)
        declared at  build-plan.test.ts:LINE
        note         ReferenceError: Feed is not defined
        help         return a class or a token that exists once all modules are loaded
        code         ERR_DECORATOR",
      ]
    `);
  });

  test('a cycle through a lazy identifier is detected', async () => {
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
      "Two components depend on each other and can never start
          ╭─▶ component \`hand\` (Hand), \`mailer\`, needs \`Mailer\`, provided by component \`sender\` (Sender)
          │     at build-plan.test.ts:LINE
          │     ▼
          │   component \`sender\` (Sender), \`mailer()\` parameter 1, needs \`Store\`, provided by component \`hand\` (Hand)
          │     at build-plan.test.ts:LINE
          ╰─────╯
        help         defer one need: @inject(Mailer, { deferred: true }) on \`mailer\` of Hand
                     or defer one need: @inject(Store, { deferred: true }) on \`mailer()\` parameter 1 of Sender
        code         ERR_DEPENDENCY_CYCLE"
    `);
  });
});

describe('scope', () => {
  class Session {}
  class Sessions extends Component {
    @provides(Session, { scope: 'context' }) session(): Session {
      return new Session();
    }
  }

  test('a context-scoped resource cannot be injected into a component', async () => {
    @component({ components: { sessions: Sessions } })
    class App extends Component {
      @inject(Session) readonly session!: Session;
    }
    expect(await problemOf(App)).toMatchInlineSnapshot(`
      "\`Session\` is context-scoped and cannot be injected for the lifetime of the application
        required by  the root component (App), \`session\`
        declared at  build-plan.test.ts:LINE
        note         component \`sessions\` (Sessions) provides one per context
        help         inject it into an @on handler, a @task or another factory; each of them has its own context
                     or look it up in a context: await context.getResource(Session)
        code         ERR_PROVIDER_SCOPE"
    `);
  });

  test('optional, deferred, collected and handled needs for a context-scoped resource are reported too', async () => {
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
      @on(Feed, (feed) => feed.added) hear(): void {}
      @onAll(Feed, (feed) => feed.added) hearAll(): void {}
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

  test('handlers, tasks and factories may inject context-scoped resources', async () => {
    class Uses extends Component {
      @task() work(@inject(Session) _session: Session): void {}
      @on(Feed, (feed) => feed.added) hear(_event: string, @inject(Session) _session: Session): void {}
      @provides(Mailbox, { scope: 'context' }) box(@inject(Session) _session: Session): Mailbox {
        return new Mailbox();
      }
    }
    @component({ components: { sessions: Sessions, feeds: Feeds, uses: Uses } })
    class App extends Component {}
    expect(await problemsOf(App)).toEqual([]);
  });

  test('a factory may need a resource that the contexts of its component provide', async () => {
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
