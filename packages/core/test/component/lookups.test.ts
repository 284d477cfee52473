import { errorOf, problemOf, problemsOf, withoutLines } from '@asphalt/test-support';
import fc from 'fast-check';
import 'reflect-metadata';
import { injectable } from 'inversify';
import { describe, expect, test } from 'vitest';
import {
  component,
  Component,
  inject,
  LazyServiceIdentifier,
  lookups,
  provides,
  startApplication,
  token,
  type LookupSource,
  type Wanted,
} from '@asphalt/core';
import { describePlan, explainKey, planApplication } from '@asphalt/core/inspect';

class Mailer {}
class Store {}
class Transaction {}
class Clock {}

class Mail extends Component {
  @provides(Mailer) mailer(): Mailer {
    return new Mailer();
  }
}

class Sql extends Component {
  @provides(Store) store(): Store {
    return new Store();
  }
  @provides(Transaction, { scope: 'context' }) transaction(@inject(Store) _store: Store): Transaction {
    return new Transaction();
  }
}

/** Returns an object that looks up resources, like a middleware of a library. */
function sourceOf(...wanted: readonly Wanted[]): LookupSource & (() => void) {
  return Object.assign(() => {}, { [lookups]: wanted });
}

describe('a lookup without a provider is a problem of the plan', () => {
  test('the problem names the component, the decorator and a fix', async () => {
    @component({ lookups: [Transaction] })
    class Api extends Component {}
    @component({ components: { api: Api } })
    class App extends Component {}
    expect(await problemOf(App)).toMatchInlineSnapshot(`
      "No component provides \`Transaction\`
        required by  component \`api\` (Api), \`lookups\`
        path         App › api (Api)
        declared at  lookups.test.ts:LINE
        help         add a component that provides it with a @provides(Transaction) method
                     or make the lookup optional: { id: Transaction, optional: true }
        code         ERR_PROVIDER_MISSING"
    `);
  });

  test('the help names a resource with another name in the form that lookups accept', async () => {
    @component({ components: { 'mail/bulk': Mail }, lookups: [sourceOf(Mailer)] })
    class App extends Component {}
    expect(await problemOf(App)).toMatchInlineSnapshot(`
      "No component provides \`Mailer\`
        required by  the root component (App), \`lookups\`
        declared at  lookups.test.ts:LINE
        note         a \`Mailer\` named "bulk" is provided by component \`mail/bulk\` (Mail)
        help         ask for it by name: { id: Mailer, name: 'bulk' }
                     or add a component that provides a \`Mailer\` named "default"
        code         ERR_PROVIDER_MISSING"
    `);
  });

  test('a lazy identifier that fails is reported with its location', async () => {
    function noClass(): typeof Store {
      throw new Error('not loaded');
    }
    @component({ lookups: [new LazyServiceIdentifier(noClass)] })
    class App extends Component {}
    expect(await problemOf(App)).toMatchInlineSnapshot(`
      "@component() on \`lookups\` of App: its lazy identifier failed
        in           the root component (App)
        declared at  lookups.test.ts:LINE
        note         Error: not loaded
        help         return a class or a token that exists once all modules are loaded
        code         ERR_DECORATOR"
    `);
  });

  test('a key that is undefined because of a circular import is rejected where the class is declared', async () => {
    const missing = undefined as unknown as typeof Store;
    const { message } = await errorOf(() => {
      @component({ lookups: [missing] })
      class App extends Component {}
      return App;
    });
    expect(withoutLines(message)).toMatchInlineSnapshot(`
      "@component() requires a class or a token, got undefined
        declared at  lookups.test.ts:LINE
        note         a class is undefined while modules that import each other are loading
        help         inject it lazily: new LazyServiceIdentifier(() => TheClass)
        code         ERR_IDENTIFIER"
    `);
  });
});

describe('a lookup that has a provider', () => {
  test('context-scoped and application-scoped resources, with or without a name, can be looked up', async () => {
    const Named = { id: Mailer, name: 'bulk' };
    const late = new LazyServiceIdentifier(() => Store);
    @component({ components: { sql: Sql, 'mail/bulk': Mail }, lookups: [Transaction, Named, sourceOf(late, Named)] })
    class App extends Component {}
    const plan = await planApplication(App);
    expect(plan.problems).toEqual([]);
    expect(plan.providers.map(({ used }) => used)).toEqual([true, true, true]);
  });

  test('a key that several sources look up is listed once', async () => {
    const both = [sourceOf(Store, Transaction), sourceOf(Transaction)];
    @component({ components: { sql: Sql }, lookups: both })
    class App extends Component {}
    const { needs } = describePlan(await planApplication(App));
    const ofApp = needs.filter(({ component: path }) => path === '');
    expect(ofApp.map(({ id, kind, member, providers }) => ({ id, kind, member, providers }))).toMatchInlineSnapshot(`
      [
        {
          "id": "Store",
          "kind": "deferred",
          "member": "\`lookups\`",
          "providers": [
            "sql",
          ],
        },
        {
          "id": "Transaction",
          "kind": "deferred",
          "member": "\`lookups\`",
          "providers": [
            "sql",
          ],
        },
      ]
    `);
  });

  test('a lookup without a name means the default name, even if the component provides the key under another', async () => {
    @component({ lookups: [Mailer] })
    class Mails extends Mail {}
    @component({ components: { 'mails/bulk': Mails } })
    class App extends Component {}
    const plan = await planApplication(App);
    expect(plan.problems).toMatchObject([{ code: 'ERR_PROVIDER_MISSING', key: { name: 'default' } }]);
    const [explained] = explainKey(plan, 'Mailer/default');
    expect(explained?.needs).toMatchObject([{ component: 'mails/bulk', why: 'specifies no name' }]);
  });

  test('an optional lookup needs no provider', async () => {
    @component({ components: { sql: Sql }, lookups: [Store, Mailer].map((id) => ({ id, optional: true })) })
    class App extends Component {}
    const { needs, problems } = describePlan(await planApplication(App));
    expect(problems).toEqual([]);
    expect(needs.filter(({ component: path }) => path === '')).toMatchObject([
      { id: 'Store', kind: 'deferred', providers: ['sql'] },
      { id: 'Mailer', kind: 'optional', providers: [] },
    ]);
  });

  test('an injectable class of inversify is created for a lookup', async () => {
    @injectable()
    class Summary {}
    @component({ lookups: [Summary] })
    class App extends Component {}
    await using app = await startApplication(App);
    expect(await app.context.getResource(Summary)).toBeInstanceOf(Summary);
  });

  test('a subclass adds its lookups to those of its base class', async () => {
    @component({ lookups: [Mailer] })
    class Base extends Component {}
    @component({ lookups: [Store] })
    class App extends Base {}
    const headlines = (await problemsOf(App)).map((problem) => problem.split('\n')[0]);
    expect(headlines).toEqual(['No component provides `Mailer`', 'No component provides `Store`']);
  });

  test('a component keeps running while the provider of its lookups restarts', async () => {
    const starts: string[] = [];
    @component({ lookups: [Transaction] })
    class Api extends Component {
      override start(): void {
        starts.push('api');
      }
    }
    @component({ components: { api: Api, sql: Sql } })
    class App extends Component {}
    await using app = await startApplication(App);
    await app.restart('sql');
    expect(starts).toEqual(['api']);
    await app.context.run(async (context) => {
      expect(await context.getResource(Transaction)).toBeInstanceOf(Transaction);
    });
  });
});

test('lookups never affect the steps, and exactly the required ones without a provider are problems', async () => {
  const Missing = token<string>('Missing');
  const id = fc.constantFrom(Mailer, Store, Transaction, Clock, Missing);
  const named = fc.record({ id, name: fc.constantFrom('default', 'bulk'), optional: fc.boolean() });
  const provided = new Set(['Store default', 'Transaction default', 'Mailer bulk']);
  await fc.assert(
    fc.asyncProperty(fc.array(named, { maxLength: 8 }), async (wanted) => {
      const planOf = async (keys: readonly Wanted[]): ReturnType<typeof planApplication> => {
        @component({ components: { sql: Sql, 'mail/bulk': Mail }, lookups: [sourceOf(...keys)] })
        class App extends Component {}
        return planApplication(App);
      };
      const [plan, without] = await Promise.all([planOf(wanted), planOf([])]);
      expect(plan.steps.map(({ needs }) => needs)).toEqual(without.steps.map(({ needs }) => needs));
      expect(plan.components.map(({ uses }) => uses)).toEqual(without.components.map(({ uses }) => uses));
      const keys = wanted.filter(({ optional }) => !optional).map((each) => `${each.id.name} ${each.name}`);
      const missing = [...new Set(keys)].filter((key) => !provided.has(key));
      const reported = describePlan(plan).problems.map(({ key }) => `${key?.id} ${key?.name}`);
      expect(reported).toEqual(missing);
    }),
  );
});

describe('lookups of another form are refused when the class is declared', () => {
  const declare = (entries: unknown) => () => component({ lookups: entries as never })(class extends Component {});

  test.each([
    ['a text', 'Mailer'],
    ['a list with a text', ['Mailer']],
    ['a list with undefined', [undefined]],
    ['an entry without a class', [{ id: undefined }]],
  ])('%s', (_, entries) => {
    expect(declare(entries)).toThrow(
      expect.objectContaining({
        code: 'ERR_IDENTIFIER',
        message: expect.stringContaining('lookups.test.ts') as string,
      }),
    );
  });

  test('an entry with a name that is no resource name', () => {
    expect(declare([{ id: Mailer, name: 5 }])).toThrow(expect.objectContaining({ code: 'ERR_RESOURCE_NAME' }));
  });
});
