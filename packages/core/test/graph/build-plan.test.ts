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
  provides,
  Signal,
  startApplication,
  task,
  type ComponentClass,
  type Deferred,
  type Plan,
} from '@asphalt/core';
import { problemOf, problemsOf } from './told.ts';

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

/** The providers that nothing in the graph needs. */
function unused({ providers }: Plan): Plan['providers'] {
  return providers.filter(({ used }) => !used);
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
        "root:start <- root:prepare root:mailer leaf:store",
        "leaf:construct <- root:prepare",
        "leaf:store <- leaf:construct",
      ]
    `);
  });

  test('with a start that calls nothing only where it waits for several', async () => {
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
    expect(arrowsOf(await plan(Parent))).toEqual([
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
    expect(unused(made)).toEqual([]);
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
    expect(unused(made)).toEqual([]);
  });

  test('a provider that nobody needs is noted, and no problem', async () => {
    @component({ components: { mail: Mail } })
    class App extends Component {}
    expect(unused(await plan(App)).map(({ node }) => node.path)).toEqual(['mail']);
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
        note         its lazy identifier fails: A lazy identifier requires a class or a token, got undefined
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
      "Two components wait for each other and can never start
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
