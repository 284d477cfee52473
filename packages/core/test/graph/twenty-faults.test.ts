/**
 * One application with twenty faults of all kinds. One report contains all of them, each with its location and a fix.
 * Decorators that were compiled in the wrong mode or that receive no identifier are not among them: they throw when the
 * class is declared, so no application exists.
 */
import { errorOf, tempFolder, withoutLines } from '@asphalt/test-support';
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { inject as inversifyInject, injectable } from 'inversify';
import { expect, test } from 'vitest';
import {
  component,
  Component,
  defineConfig,
  fromConfig,
  inject,
  LazyServiceIdentifier,
  PlanError,
  provides,
  startApplication,
} from '@asphalt/core';
import { loadConfig } from '@asphalt/core/config';
import { describePlan, planApplication, type Place, type ProblemDescription } from '@asphalt/core/inspect';

class Store {}
class Mailer {}
class Malier {}
class Session {}
class Left {}
class Right {}
class Cache {}
class Clock {}
class Audit {}

const cacheOptions = defineConfig({
  size: { doc: 'Number of entries', format: 'int', default: 10 },
  url: { doc: 'Where entries live', format: 'string', required: true }, // fault 3: not set
});

@component({ config: cacheOptions })
class CacheComponent extends Component<typeof cacheOptions> {
  @inject(Cache) readonly cache!: Cache;
}

@injectable()
class Summary {
  constructor(
    @inversifyInject(Audit) readonly audit: Audit, // fault 5: inversify records no location
    readonly shape: { readonly size: 1 }, // fault 6: the same
  ) {}
}

class Reports extends Component {
  @inject(Store) readonly store!: Store; // fault 7
  @inject(Summary) readonly report!: Summary;
}

@component({ components: { reports: Reports } })
class Api extends Component {
  constructor(
    @inject(Mailer) readonly mailer: Mailer, // fault 8
  ) {
    super();
  }
  @provides(Clock)
  clock(
    @inject(Malier) _malier: Malier, // fault 9
  ): Clock {
    return new Clock();
  }
  helper(
    @inject(Clock) _clock: Clock, // fault 10
  ): void {}
  @inject(Clock) static readonly shared: Clock; // fault 11
}

class Mail extends Component {
  @provides(Mailer) // fault 12
  mailer(): Mailer {
    return new Mailer();
  }
}

function noList(): never {
  throw new Error('no list');
}

class Sessions extends Component {
  @inject(Clock, fromConfig('clock')) readonly clock!: Clock; // fault 4
  @provides(Session, { scope: 'context' }) session(): Session {
    return new Session();
  }
}

class Lefts extends Component {
  @inject(Session) readonly session!: Session; // fault 13
  @provides(Left)
  left(
    @inject(Right) _right: Right, // fault 14
  ): Left {
    return new Left();
  }
}

class Rights extends Component {
  @inject(new LazyServiceIdentifier(() => undefined as unknown as typeof Clock)) readonly lazy!: Clock; // fault 15
  @provides(Right) right(@inject(Left) _left: Left): Right {
    return new Right();
  }
}

class Child extends Component {
  @provides(Cache) cache(): Cache {
    return new Cache();
  }
}

@component({ components: { child: Child } })
class Eager extends Component {
  override prepare(
    @inject(Cache) _cache: Cache, // fault 16
  ): void {}
}

@component({ components: noList }) // fault 17
class Computed extends Component {}

@component({
  components: {
    api: Api,
    'mail/bulk': Mail,
    'post/bulk': Mail,
    sessions: Sessions,
    lefts: Lefts,
    rights: Rights,
    eager: Eager,
    computed: Computed,
    cache: CacheComponent,
  },
})
class App extends Component {}

const yaml = `component:
  components:
    cache: { sise: 3 }      # fault 1
    cache/big: { size: x, url: u }  # fault 2
    mial: {}                # fault 18
    extra:
      type: ./none.ts:Extra # fault 19
    a/b/c: {}               # fault 20
`;

/** Returns the file and the number of the fault that is marked on a line, or else the line. */
function faultAt({ file, line }: Place): string {
  const text = readFileSync(file, 'utf8').split('\n')[line - 1]!;
  return `${basename(file)}, ${/fault \d+/.exec(text)?.[0] ?? `line ${line}`}`;
}

/** Returns code, component with class or option, member, key, place, and whether the report suggests a fix. */
function fields({
  code,
  component: path,
  type,
  member,
  key,
  option,
  place,
  help,
  summary,
}: ProblemDescription): string {
  const owner = option ?? (type === undefined ? path : `${path} (${type})`);
  // "must be …" describes the fix.
  const fix = help.length > 0 || summary.includes(' must be ') ? 'fix' : 'no fix';
  return [code, owner, member, key && `${key.id} ${key.name}`, place && faultAt(place), fix]
    .filter((field) => field !== undefined)
    .join(' | ');
}

test('one report contains all of twenty faults, and nothing runs', async () => {
  const cwd = tempFolder({ 'app.yaml': yaml });
  const load = () => loadConfig({ files: ['app.yaml'], cwd, env: {} });
  const { problems } = JSON.parse(
    JSON.stringify(describePlan(await planApplication(App, { config: await load() }))),
  ) as { problems: ProblemDescription[] };
  expect(problems.map(fields)).toMatchInlineSnapshot(`
    [
      "ERR_COMPONENT_TYPE | a/b/c | app.yaml, fault 20 | fix",
      "ERR_COMPONENT_TYPE | computed | twenty-faults.test.ts, fault 17 | fix",
      "ERR_CONFIG_INVALID | component.components.cache.sise | app.yaml, fault 1 | fix",
      "ERR_CONFIG_INVALID | component.components.cache.url | fix",
      "ERR_CONFIG_INVALID | component.components.cache/big.size | app.yaml, fault 2 | fix",
      "ERR_COMPONENT_TYPE | mial | app.yaml, fault 18 | fix",
      "ERR_COMPONENT_TYPE | extra | app.yaml, fault 19 | fix",
      "ERR_DECORATOR | api (Api) | \`shared\` | twenty-faults.test.ts, fault 11 | fix",
      "ERR_PROVIDER_DUPLICATE | post/bulk (Mail) | \`mailer\` | Mailer bulk | twenty-faults.test.ts, fault 12 | fix",
      "ERR_PARAMETER_UNDECLARED | @injectable/Summary (Summary) | constructor parameter 2 | fix",
      "ERR_PROVIDER_MISSING | api (Api) | \`clock()\` parameter 1 | Malier default | twenty-faults.test.ts, fault 9 | fix",
      "ERR_DECORATOR | api (Api) | \`helper()\` parameter 1 | twenty-faults.test.ts, fault 10 | fix",
      "ERR_PROVIDER_MISSING | api (Api) | constructor parameter 1 | Mailer default | twenty-faults.test.ts, fault 8 | fix",
      "ERR_PROVIDER_MISSING | api.reports (Reports) | \`store\` | Store default | twenty-faults.test.ts, fault 7 | fix",
      "ERR_DECORATOR | sessions (Sessions) | \`clock\` | twenty-faults.test.ts, fault 4 | fix",
      "ERR_PROVIDER_SCOPE | lefts (Lefts) | \`session\` | Session default | twenty-faults.test.ts, fault 13 | fix",
      "ERR_DECORATOR | rights (Rights) | \`lazy\` | twenty-faults.test.ts, fault 15 | fix",
      "ERR_PROVIDER_MISSING | @injectable/Summary (Summary) | constructor parameter 1 | Audit default | fix",
      "ERR_DEPENDENCY_CYCLE | lefts (Lefts) | \`left()\` parameter 1 | Right default | twenty-faults.test.ts, fault 14 | fix",
      "ERR_DEPENDENCY_CYCLE | eager (Eager) | \`prepare()\` parameter 1 | Cache default | twenty-faults.test.ts, fault 16 | fix",
    ]
  `);
  expect(problems).toHaveLength(20);
  const failure = await errorOf(async () => startApplication(App, { config: await load() }));
  expect(failure).toBeInstanceOf(PlanError);
  expect((failure as PlanError).errors.map(({ message }) => message)).toEqual(problems.map(({ message }) => message));
  expect(withoutLines(failure.message).replaceAll(cwd, '.')).toMatchInlineSnapshot(`
    "The application cannot start: 20 problems
      1. "a/b/c" cannot be the alias of a child of the root component (App)
           in           component \`a/b/c\`
           from         app.yaml:8:5
           declared at  twenty-faults.test.ts:LINE
           help         use \`type\` or \`type/name\`, each made of letters, digits, '_' and '-'
           code         ERR_COMPONENT_TYPE
      2. The \`components\` function of Computed failed: Error: no list
           in           component \`computed\`
           declared at  twenty-faults.test.ts:LINE
           help         fix the function; it receives the validated options
           code         ERR_COMPONENT_TYPE
      3. \`component.components.cache.sise\` is not a known option
           from         app.yaml:3:14
                        3 │ … sise: 3 …
                          │   ^
           help         did you mean \`component.components.cache.size\`?
           code         ERR_CONFIG_INVALID
      4. \`component.components.cache.url\` is required
           help         set it in a configuration file, or with --set component.components.cache.url=…
           code         ERR_CONFIG_INVALID
      5. \`component.components.cache/big.size\` must be a whole number, got "x"
           from         app.yaml:4:18
                        4 │ … size: x …
                          │   ^
           code         ERR_CONFIG_INVALID
      6. Unknown component type "mial"
           in           component \`mial\`
           from         app.yaml:5:5
           help         did you mean \`mail\`?
                        or name a module and its export: type: ./file.ts:TheComponent
           code         ERR_COMPONENT_TYPE
      7. Cannot load the component type "./none.ts:Extra": file ./none.ts does not exist
           in           component \`extra\`
           from         app.yaml:7:7
           help         correct the path; it is relative to the file that contains it
           code         ERR_COMPONENT_TYPE
      8. @inject() on \`shared\` of Api: static members are not supported
           in           component \`api\` (Api)
           declared at  twenty-faults.test.ts:LINE
           help         remove \`static\`
           code         ERR_DECORATOR
      9. Two providers provide \`Mailer\` named "bulk"
           first        component \`mail/bulk\` (Mail), \`mailer\`, at twenty-faults.test.ts:LINE
           again        component \`post/bulk\` (Mail), \`mailer\`, at twenty-faults.test.ts:LINE
           note         an application has one resource per type and name
           help         name the second one in its alias: \`post/second\`
           code         ERR_PROVIDER_DUPLICATE
      10. Cannot inject constructor parameter 2 of Summary: it has no @inject()
            required by  the injectable class \`Summary\`
            path         App › api (Api) › reports (Reports) › Summary
            note         the type alone is not enough: not all compilers emit types, and none emits interfaces
            help         add inversify's @inject(…) to it
                         or add @unmanaged() if it has a default value
            code         ERR_PARAMETER_UNDECLARED
      11. No component provides \`Malier\`
            required by  component \`api\` (Api), \`clock()\` parameter 1
            path         App › api (Api)
            declared at  twenty-faults.test.ts:LINE
            help         did you mean \`Mailer\`? Component \`mail/bulk\` (Mail) provides it
                         or add a component that provides it with a @provides(Malier) method
                         or make the need optional: @inject(Malier, { optional: true })
            code         ERR_PROVIDER_MISSING
      12. @inject() on \`helper()\` parameter 1 of Api: the runtime does not call this method
            in           component \`api\` (Api)
            declared at  twenty-faults.test.ts:LINE
            help         decorate the method with @provides, @task, @on or @health, or use a hook: prepare, start or ready
            code         ERR_DECORATOR
      13. No component provides \`Mailer\`
            required by  component \`api\` (Api), constructor parameter 1
            path         App › api (Api)
            declared at  twenty-faults.test.ts:LINE
            note         a \`Mailer\` named "bulk" is provided by component \`mail/bulk\` (Mail)
            help         ask for it by name: @inject(Mailer, 'bulk')
                         or add a component that provides a \`Mailer\` named "default"
            code         ERR_PROVIDER_MISSING
      14. No component provides \`Store\`
            required by  component \`api.reports\` (Reports), \`store\`
            path         App › api (Api) › reports (Reports)
            declared at  twenty-faults.test.ts:LINE
            help         add a component that provides it with a @provides(Store) method
                         or make the need optional: @inject(Store, { optional: true })
            code         ERR_PROVIDER_MISSING
      15. fromConfig("clock") on \`clock\` of Sessions: the component has no such option
            in           component \`sessions\` (Sessions)
            declared at  twenty-faults.test.ts:LINE
            help         declare it with defineConfig(); the component has no options
            code         ERR_DECORATOR
      16. \`Session\` is context-scoped and cannot be injected for the lifetime of the application
            required by  component \`lefts\` (Lefts), \`session\`
            path         App › lefts (Lefts)
            declared at  twenty-faults.test.ts:LINE
            note         component \`sessions\` (Sessions) provides one per context
            help         inject it into an @on handler, a @task or another factory; each of them has its own context
                         or look it up in a context: await context.getResource(Session)
            code         ERR_PROVIDER_SCOPE
      17. @inject() on \`lazy\` of Rights: its lazy identifier failed
            in           component \`rights\` (Rights)
            declared at  twenty-faults.test.ts:LINE
            note         A lazy identifier requires a class or a token, got undefined
            help         return a class or a token that exists once all modules are loaded
            code         ERR_DECORATOR
      18. No component provides \`Audit\`
            required by  the injectable class \`Summary\`, constructor parameter 1
            path         App › api (Api) › reports (Reports) › Summary
            help         add a component that provides it with a @provides(Audit) method
                         or make the need optional: add @optional() next to @inject()
            code         ERR_PROVIDER_MISSING
      19. Two components depend on each other and can never start
              ╭─▶ component \`lefts\` (Lefts), \`left()\` parameter 1, needs \`Right\`, provided by component \`rights\` (Rights)
              │     at twenty-faults.test.ts:LINE
              │     ▼
              │   component \`rights\` (Rights), \`right()\` parameter 1, needs \`Left\`, provided by component \`lefts\` (Lefts)
              │     at twenty-faults.test.ts:LINE
              ╰─────╯
            help         defer one need: @inject(Right, { deferred: true }) on \`left()\` parameter 1 of Lefts
                         or defer one need: @inject(Left, { deferred: true }) on \`right()\` parameter 1 of Rights
            code         ERR_DEPENDENCY_CYCLE
      20. Two components depend on each other and can never start
              ╭─▶ component \`eager\` (Eager), \`prepare()\` parameter 1, needs \`Cache\`, provided by component \`eager.child\` (Child)
              │     at twenty-faults.test.ts:LINE
              │     ▼
              │   component \`eager.child\` (Child) is created after prepare() of its parent, component \`eager\` (Eager)
              ╰─────╯
            help         defer one need: @inject(Cache, { deferred: true }) on \`prepare()\` parameter 1 of Eager
                         or move the code in prepare() of Eager to start()
            code         ERR_DEPENDENCY_CYCLE
      code         ERR_PLAN"
  `);
});
