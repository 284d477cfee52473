/** Classes with inversify's own decorators, as components and as injected classes. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { problemOf, problemsOf } from '@asphalt/test-support';
import 'reflect-metadata';
import {
  inject as inversifyInject,
  injectable,
  injectFromBase,
  LazyServiceIdentifier,
  multiInject,
  named,
  optional,
  postConstruct,
  preDestroy,
  tagged,
  unmanaged,
} from 'inversify';
import { describe, expect, test } from 'vitest';
import {
  child,
  component,
  Component,
  defineConfig,
  inject,
  injectAll,
  on,
  provides,
  Signal,
  startApplication,
  task,
  token,
  type ComponentClass,
  type Deferred,
} from '@asphalt/core';
import { describePlan, planApplication } from '@asphalt/core/inspect';

class Mailer {
  constructor(readonly address: string) {}
}
class Missing {}
const clockSymbol = Symbol('Clock');
const Clock = token<() => number>(clockSymbol);

class MailComponent extends Component {
  @provides(Mailer) mailer(): Mailer {
    return new Mailer(this.alias);
  }
}

class ClockComponent extends Component {
  @provides(Clock) clock(): () => number {
    return () => 12;
  }
}

/** Uses all inversify decorators for constructor parameters and properties. */
@injectable()
class Summary {
  @inversifyInject(Mailer) readonly property!: Mailer;
  @inversifyInject(Mailer) @named('bulk') readonly namedProperty!: Mailer;
  @multiInject(Mailer) readonly properties!: Mailer[];

  constructor(
    @inversifyInject(Mailer) readonly mailer: Mailer,
    @inversifyInject(Mailer) @named('bulk') readonly bulk: Mailer,
    @multiInject(Mailer) readonly mailers: Mailer[],
    @inversifyInject(Missing) @optional() readonly missing: Missing | undefined,
    @inversifyInject(clockSymbol) readonly clock: () => number,
    @unmanaged() readonly size: number = 7,
    @inversifyInject(new LazyServiceIdentifier(() => Mailer)) readonly lazy: Mailer,
  ) {}
}

function valuesOf(report: Summary): unknown {
  const { mailer, bulk, mailers, missing, clock, size, lazy, property, namedProperty, properties } = report;
  return {
    constructor: [mailer.address, bulk.address, mailers.map(({ address }) => address), missing, clock(), size],
    lazy: lazy.address,
    properties: [property.address, namedProperty.address, properties.map(({ address }) => address)],
  };
}

const all = {
  constructor: ['mail', 'mail/bulk', ['mail', 'mail/bulk'], undefined, 12, 7],
  lazy: 'mail',
  properties: ['mail', 'mail/bulk', ['mail', 'mail/bulk']],
};

const resources = { mail: MailComponent, 'mail/bulk': MailComponent, clock: ClockComponent };

describe('an inversify class as a component', () => {
  test('inversify decorators inject constructor parameters and properties', async () => {
    const made: Summary[] = [];
    @injectable()
    class ReportComponent extends Summary {
      start(): void {
        made.push(this);
      }
    }
    @component({ components: { report: ReportComponent, ...resources } })
    class App extends Component {}
    await using application = await startApplication(App);
    expect(made.map(valuesOf)).toEqual([all]);
    expect(application.state).toBe('started');
  });

  test('the runtime calls the hooks of an inversify class and tears down its dependencies after it', async () => {
    const lines: string[] = [];
    @injectable()
    class Worker {
      constructor(@inversifyInject(Mailer) readonly mailer: Mailer) {
        lines.push('made');
      }
      prepare(): void {
        lines.push('prepare');
      }
      *start(): Generator<void> {
        lines.push(`start with ${this.mailer.address}`);
        yield;
        lines.push('stop');
      }
      ready(): void {
        lines.push('ready');
      }
    }
    class Mail extends Component {
      @provides(Mailer) *mailer(): Generator<Mailer> {
        yield new Mailer('x');
        lines.push('mailer gone');
      }
    }
    @component({ components: { worker: Worker, mail: Mail } })
    class App {}
    await (await startApplication(App)).stop();
    expect(lines).toEqual(['made', 'prepare', 'start with x', 'ready', 'stop', 'mailer gone']);
  });

  test('an inversify class inherits the needs of its base class with or without @injectFromBase', async () => {
    const made: Base[] = [];
    @injectable()
    class Base {
      @inversifyInject(Mailer) readonly property!: Mailer;
      constructor(@inversifyInject(Mailer) @named('bulk') readonly bulk: Mailer) {
        made.push(this);
      }
    }
    @injectable()
    class Silent extends Base {}
    @injectable()
    @injectFromBase()
    class WithBase extends Base {
      @inversifyInject(clockSymbol) readonly clock!: () => number;
    }
    @component({ components: { silent: Silent, withBase: WithBase, ...resources } })
    class App extends Component {}
    await using _application = await startApplication(App);
    expect(made.map(({ property, bulk }) => [property.address, bulk.address])).toEqual([
      ['mail', 'mail/bulk'],
      ['mail', 'mail/bulk'],
    ]);
    expect((made.find((one) => one instanceof WithBase) as WithBase).clock()).toBe(12);
  });

  test('an inversify class may also use the decorators and options of this package', async () => {
    const config = defineConfig({ size: { doc: 'Size', format: 'int', default: 1 } });
    const made: Mixed[] = [];
    @injectable()
    @component({ config })
    class Mixed extends Component<typeof config> {
      @inversifyInject(Mailer) readonly mailer!: Mailer;
      constructor(
        @inject(Mailer, 'bulk') readonly bulk: Mailer,
        @inversifyInject(clockSymbol) readonly clock: () => number,
      ) {
        super();
        made.push(this);
      }
    }
    @component({ components: { mixed: child(Mixed, { size: 3 }), ...resources } })
    class App extends Component {}
    await using _application = await startApplication(App);
    expect(
      made.map(({ mailer, bulk, clock, config: { size } }) => [mailer.address, bulk.address, clock(), size]),
    ).toEqual([['mail', 'mail/bulk', 12, 3]]);
  });

  test('an inversify component is checked before anything starts', async () => {
    @injectable()
    class Incomplete {
      @inversifyInject(Missing) readonly property!: Missing;
      constructor(
        readonly undeclared: { readonly shape: 1 },
        @inversifyInject(Missing) readonly second: Missing,
        @inversifyInject('no such text') readonly third: string,
        @inversifyInject(Mailer) @named(Symbol('name')) readonly fourth: Mailer,
      ) {}
      @postConstruct() init(): void {}
      @preDestroy() end(): void {}
    }
    class Tagged {
      @inversifyInject(Mailer) @tagged('fast', true) readonly mailer!: Mailer;
      @named('x') readonly nothing!: Mailer;
    }
    @component({ components: { incomplete: Incomplete, tagged: Tagged, mail: MailComponent } })
    class App extends Component {}
    expect((await problemsOf(App)).join('\n\n')).toMatchInlineSnapshot(`
      "@named() on constructor parameter 4 of Incomplete: a resource name must be a string
        in           component \`incomplete\` (Incomplete)
        help         use a string as the name
        code         ERR_DECORATOR

      Cannot inject constructor parameter 1 of Incomplete: it has no @inject()
        required by  component \`incomplete\` (Incomplete)
        path         App › incomplete (Incomplete)
        note         the type alone is not enough: not all compilers emit types, and none emits interfaces
        help         add inversify's @inject(…) to it
                     or add @unmanaged() if it has a default value
        code         ERR_PARAMETER_UNDECLARED

      @postConstruct() on \`init\` of Incomplete: the runtime calls only the hooks of a component
        in           component \`incomplete\` (Incomplete)
        help         move its code to start()
        code         ERR_DECORATOR

      @preDestroy() on \`end\` of Incomplete: the runtime calls only the hooks of a component
        in           component \`incomplete\` (Incomplete)
        help         make start() a generator and move the code after its \`yield\`
        code         ERR_DECORATOR

      @tagged() on \`mailer\` of Tagged: resources have names but no tags
        in           component \`tagged\` (Tagged)
        help         use @named(…) instead
        code         ERR_DECORATOR

      @named() on \`nothing\` of Tagged: nothing is injected there
        in           component \`tagged\` (Tagged)
        help         add @inject(…) next to it
        code         ERR_DECORATOR

      No component provides \`Missing\`
        required by  component \`incomplete\` (Incomplete), constructor parameter 2
        path         App › incomplete (Incomplete)
        help         add a component that provides it with a @provides(Missing) method
                     or make the need optional: add @optional() next to @inject()
        code         ERR_PROVIDER_MISSING

      No component provides \`no such text\`
        required by  component \`incomplete\` (Incomplete), constructor parameter 3
        path         App › incomplete (Incomplete)
        help         add a component that provides a token created with this symbol or string: @provides(token(…))
                     or make the need optional: add @optional() next to @inject()
        code         ERR_PROVIDER_MISSING

      No component provides \`Missing\`
        required by  component \`incomplete\` (Incomplete), \`property\`
        path         App › incomplete (Incomplete)
        help         add a component that provides it with a @provides(Missing) method
                     or make the need optional: add @optional() next to @inject()
        code         ERR_PROVIDER_MISSING"
    `);
  });
});

describe('an injectable class that no component provides', () => {
  test('an injectable class has one shared instance with its dependencies', async () => {
    const got: Summary[] = [];
    class One extends Component {
      @inject(Summary) readonly report!: Summary;
      override start(): void {
        got.push(this.report);
      }
    }
    class Two extends Component {
      override start(@inject(Summary) report: Summary): void {
        got.push(report);
      }
      @task() work(@inject(Summary) report: Summary): void {
        got.push(report);
      }
    }
    class Three extends Component {
      @inject(Summary, { deferred: true }) readonly report!: Deferred<Summary>;
      @inject(Summary, { optional: true }) readonly maybe: Summary | undefined;
      @injectAll(Summary) readonly all!: ReadonlyMap<string, Summary>;
      override ready(): void {
        got.push(this.report.get(), this.maybe!, this.all.get('default')!);
      }
    }
    @component({ components: { one: One, two: Two, three: Three, ...resources } })
    class App extends Component {}
    await using application = await startApplication(App);
    expect(got).toHaveLength(6);
    expect(new Set(got).size).toBe(1);
    expect(valuesOf(got[0]!)).toEqual(all);
    expect(application.context.getResourceSync(Summary)).toBe(got[0]);
  });

  test('injectable classes are created after their dependencies and disposed of after their dependents', async () => {
    const lines: string[] = [];
    @injectable()
    class Deep {
      constructor() {
        lines.push('deep');
      }
      @postConstruct() async open(): Promise<void> {
        lines.push('deep opens');
      }
      @preDestroy() close(): void {
        lines.push('deep closes');
      }
      async [Symbol.asyncDispose](): Promise<void> {
        lines.push('deep disposed');
      }
    }
    @injectable('Singleton')
    class Middle implements Disposable {
      @inversifyInject(Deep) readonly deep!: Deep;
      constructor() {
        lines.push('middle');
      }
      /** Not a hook, because the class is not a component. */
      start(): void {
        lines.push('never');
      }
      [Symbol.dispose](): void {
        lines.push('middle disposed');
      }
    }
    class App extends Component {
      override *start(@inject(Middle) middle: Middle): Generator<void> {
        lines.push(`start with ${middle.deep.constructor.name}`);
        yield;
        lines.push('stop');
      }
    }
    await (await startApplication(App)).stop();
    expect(lines).toEqual([
      'deep',
      'deep opens',
      'middle',
      'start with Deep',
      'stop',
      'middle disposed',
      'deep closes',
      'deep disposed',
    ]);
  });

  test('handlers can subscribe to a signal of an injectable class', async () => {
    @injectable()
    class Feed {
      readonly added = new Signal<string>();
    }
    const heard: string[] = [];
    class App extends Component {
      @inject(Feed) readonly feed!: Feed;
      @on(Feed, (feed) => feed.added) hear(event: string): void {
        heard.push(event);
      }
    }
    const application = await startApplication(App);
    application.context.getResourceSync(Feed).added.dispatch('one');
    await application.stop();
    expect(heard).toEqual(['one']);
  });

  test('no instance is created if a component provides the class, or if the need has a name or is optional', async () => {
    @injectable()
    class Service {}
    class Provider extends Component {
      @provides(Service) service(): Service {
        return new Service();
      }
    }
    class Needy extends Component {
      @inject(Service, { optional: true }) readonly service: Service | undefined;
    }
    const paths = async (root: ComponentClass): Promise<string[]> =>
      (await planApplication(root)).components.map(({ node }) => node.path);
    expect(await paths(Needy)).toEqual(['']);
    @component({ components: { needy: Needy, provider: Provider } })
    class App extends Component {
      @inject(Service) readonly service!: Service;
    }
    expect(await paths(App)).toEqual(['', 'needy', 'provider']);
    @component({ components: { 'provider/other': Provider } })
    class OtherName extends Component {
      @inject(Service) readonly service!: Service;
    }
    expect(await problemOf(OtherName)).toContain("ask for it by name: @inject(Service, 'other')");
    class Named extends Component {
      @inject(Service, 'bulk') readonly service!: Service;
    }
    expect(await problemOf(Named)).toContain('No component provides `Service` named "bulk"');
    @component({ components: { service: Service } })
    class AsComponent extends Component {
      @inject(Service) readonly service!: Service;
    }
    expect(await problemOf(AsComponent)).toContain('No component provides `Service`');
  });

  test('an injectable class is created again when one of its dependencies restarts', async () => {
    const lines: string[] = [];
    @injectable()
    class Service {
      constructor(@inversifyInject(Mailer) readonly mailer: Mailer) {
        lines.push('made');
      }
      [Symbol.dispose](): void {
        lines.push('disposed');
      }
    }
    @component({ components: { mail: MailComponent, clock: ClockComponent } })
    class App extends Component {
      @inject(Service) readonly service!: Service;
    }
    await using application = await startApplication(App);
    const before = application.context.getResourceSync(Service);
    await application.restart('clock');
    expect(application.context.getResourceSync(Service)).toBe(before);
    await application.restart('mail');
    const after = application.context.getResourceSync(Service);
    expect(after).not.toBe(before);
    expect(after.mailer).toBe(application.context.getResourceSync(Mailer));
    await application.restart('@injectable/Service');
    expect(lines).toEqual(['made', 'disposed', 'made', 'disposed', 'made']);
  });

  test('the graph contains an injectable class as a used provider', async () => {
    @injectable()
    class Service {
      constructor(@inversifyInject(Mailer) readonly mailer: Mailer) {}
    }
    @component({ components: { mail: MailComponent } })
    class App extends Component {
      @inject(Service) readonly service!: Service;
    }
    const { components, needs } = describePlan(await planApplication(App));
    expect(components.at(-1)).toEqual({
      path: '@injectable/Service',
      alias: '@injectable',
      type: 'Service',
      parent: '',
      injectable: true,
      description: 'an injectable class',
      provides: [{ ids: ['Service'], name: 'default', scope: 'application', member: 'new Service', used: true }],
      tasks: [],
      healthChecks: [],
    });
    expect(needs.map(({ place: _place, ...need }) => need)).toEqual([
      {
        component: '',
        id: 'Service',
        name: 'default',
        member: '`service`',
        kind: 'need',
        providers: ['@injectable/Service'],
      },
      {
        component: '@injectable/Service',
        id: 'Mailer',
        name: 'default',
        member: 'constructor parameter 1',
        kind: 'need',
        providers: ['mail'],
      },
    ]);
  });

  test('an injectable class is checked like a component', async () => {
    class Session {}
    @injectable()
    class Service {
      @inversifyInject(Session) readonly session!: Session;
      constructor(
        @inversifyInject(Mailer) readonly mailer: Mailer,
        @inversifyInject(Missing) readonly missing: Missing,
        readonly undeclared: { readonly shape: 1 },
      ) {}
      @provides(Date) date(@inject(Mailer) _mailer: Mailer): Date {
        return new Date(0);
      }
    }
    @injectable('Transient')
    class Many {}
    class Sessions extends Component {
      @provides(Session, { scope: 'context' }) session(): Session {
        return new Session();
      }
    }
    class Api extends Component {
      constructor(
        @inject(Service) readonly service: Service,
        @inject(Many) readonly many: Many,
      ) {
        super();
      }
    }
    @component({ components: { api: Api, mail: MailComponent, sessions: Sessions } })
    class App extends Component {}
    expect((await problemsOf(App)).join('\n\n')).toMatchInlineSnapshot(`
      "@inject() on \`date()\` parameter 1 of Service: the class is injected and is not a component
        in           the injectable class \`Service\`
        declared at  inversify.test.ts:LINE
        help         move it to a component that is listed in @component({ components })
        code         ERR_DECORATOR

      @provides() on \`date\` of Service: the class is injected and is not a component
        in           the injectable class \`Service\`
        declared at  inversify.test.ts:LINE
        help         move it to a component that is listed in @component({ components })
        code         ERR_DECORATOR

      Cannot inject constructor parameter 3 of Service: it has no @inject()
        required by  the injectable class \`Service\`
        path         App › api (Api) › Service
        note         the type alone is not enough: not all compilers emit types, and none emits interfaces
        help         add inversify's @inject(…) to it
                     or add @unmanaged() if it has a default value
        code         ERR_PARAMETER_UNDECLARED

      @injectable('Transient') on the class of Many: the application creates one shared instance
        in           the injectable class \`Many\`
        help         provide it from a component, once per context: @provides(Many, { scope: 'context' })
        code         ERR_DECORATOR

      No component provides \`Missing\`
        required by  the injectable class \`Service\`, constructor parameter 2
        path         App › api (Api) › Service
        help         add a component that provides it with a @provides(Missing) method
                     or make the need optional: add @optional() next to @inject()
        code         ERR_PROVIDER_MISSING

      \`Session\` is context-scoped and cannot be injected for the lifetime of the application
        required by  the injectable class \`Service\`, \`session\`
        path         App › api (Api) › Service
        note         component \`sessions\` (Sessions) provides one per context
        help         inject it into an @on handler, a @task or another factory; each of them has its own context
                     or look it up in a context: await context.getResource(Session)
        code         ERR_PROVIDER_SCOPE"
    `);
  });

  test('a cycle of injectable classes is reported with their members', async () => {
    @injectable()
    class Left {
      constructor(@inversifyInject(new LazyServiceIdentifier(() => Right)) readonly right: unknown) {}
    }
    @injectable()
    class Right {
      @inversifyInject(Left) readonly left!: Left;
    }
    class App extends Component {
      @inject(Left) readonly left!: Left;
    }
    expect(await problemOf(App)).toMatchInlineSnapshot(`
      "Two components depend on each other and can never start
          ╭─▶ the injectable class \`Left\`, constructor parameter 1, needs \`Right\`, provided by the injectable class \`Right\`
          │     ▼
          │   the injectable class \`Right\`, \`left\`, needs \`Left\`, provided by the injectable class \`Left\`
          ╰─────╯
        help         defer one need: @inject(Right, { deferred: true }) of @asphalt/core on constructor parameter 1 of Left
                     or defer one need: @inject(Left, { deferred: true }) of @asphalt/core on \`left\` of Right
        code         ERR_DEPENDENCY_CYCLE"
    `);
  });

  test('the error of an injectable class contains its name', async () => {
    @injectable()
    class Service {
      constructor() {
        throw new Error('no luck');
      }
    }
    class Api extends Component {
      @inject(Service) readonly service!: Service;
    }
    @component({ components: { api: Api } })
    class App extends Component {}
    const failure = (await startApplication(App).then(undefined, (error: unknown) => error)) as Error;
    expect(failure.message).toMatchInlineSnapshot(`
      "The injectable class \`Service\` failed to start: Error: no luck
        called in    new Service() of the injectable class \`Service\`
        path         App › api (Api) › Service
        code         ERR_COMPONENT_START"
    `);
  });

  test('injectable classes with the same name are distinct', async () => {
    const make = (): ComponentClass => {
      @injectable()
      class Service {}
      return Service;
    };
    const [First, Second] = [make(), make()];
    class App extends Component {
      @inject(First) readonly first!: object;
      @inject(Second) readonly second!: object;
    }
    expect((await planApplication(App)).components.map(({ node }) => node.path)).toEqual([
      '',
      '@injectable/Service',
      '@injectable/Service/2',
    ]);
  });
});

test('a string of inversify refers to the token with that key if only one such token is provided', async () => {
  const Name = token<string>('Name');
  class Names extends Component {
    @provides(Name) name(): string {
      return 'n';
    }
  }
  class Others extends Component {
    @provides(token<string>('Name')) name(): string {
      return 'other';
    }
  }
  const made: Needy[] = [];
  @injectable()
  class Needy {
    constructor(@inversifyInject('Name') readonly name: string) {
      made.push(this);
    }
  }
  @component({ components: { needy: Needy, names: Names } })
  class App extends Component {}
  await using _application = await startApplication(App);
  expect(made.map(({ name }) => name)).toEqual(['n']);
  @component({ components: { needy: Needy, names: Names, others: Others } })
  class Ambiguous extends Component {}
  expect(await problemOf(Ambiguous)).toContain('No component provides `Name`');
});

test("every decorator accepts inversify's lazy identifiers", async () => {
  class Feed {
    readonly added = new Signal<string>();
  }
  const heard: unknown[] = [];
  class Feeds extends Component {
    @provides(new LazyServiceIdentifier(() => Feed)) feed(): Feed {
      return new Feed();
    }
  }
  @component({ components: { feeds: Feeds } })
  class App extends Component {
    @inject(new LazyServiceIdentifier(() => Feed)) readonly feed!: Feed;
    @injectAll(new LazyServiceIdentifier(() => Feed)) readonly all!: ReadonlyMap<string, Feed>;
    @on(new LazyServiceIdentifier(() => Feed), (feed) => feed.added) hear(event: string): void {
      heard.push(event, this.all.get('default') === this.feed);
    }
    override ready(): void {
      this.feed.added.dispatch('one');
    }
  }
  await (await startApplication(App)).stop();
  expect(heard).toEqual(['one', true]);
});

test('an application without inversify does not load it', async () => {
  const script = `
    import { Component, inject, provides } from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
    class Key {}
    class App extends Component {
      make() { return new Key(); }
      start() {}
    }
    provides(Key)(App.prototype, 'make', Object.getOwnPropertyDescriptor(App.prototype, 'make'));
    inject(Key)(App.prototype, 'start', 0);
    const { problems } = await planApplication(App);
    // Loading inversify would define this function.
    console.log(problems.length, typeof Reflect.getOwnMetadata);
  `;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=source', '--import', 'tsx', '--input-type=module', '-e', script],
    { cwd: import.meta.dirname },
  );
  expect(stdout).toBe('0 undefined\n');
});
