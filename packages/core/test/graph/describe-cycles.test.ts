import { problemOf, problemsOf } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import {
  component,
  Component,
  inject,
  on,
  provides,
  Signal,
  token,
  type ComponentClass,
  type Deferred,
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

describe('cycles', () => {
  test('a cycle of two components is drawn with the needs that can be deferred', async () => {
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
      "Two components depend on each other and can never start
          ╭─▶ component \`auth\` (Auth), \`verifier()\` parameter 1, needs \`Store\`, provided by component \`users\` (Users)
          │     at describe-cycles.test.ts:LINE
          │     ▼
          │   component \`users\` (Users), \`verifier\`, needs \`Mailer\`, provided by component \`auth\` (Auth)
          │     at describe-cycles.test.ts:LINE
          ╰─────╯
        help         defer one need: @inject(Store, { deferred: true }) on \`verifier()\` parameter 1 of Auth
                     or defer one need: @inject(Mailer, { deferred: true }) on \`verifier\` of Users
        code         ERR_DEPENDENCY_CYCLE"
    `);
  });

  test('a cycle through the prepare of a parent is reported', async () => {
    @component({ components: { mail: Mail } })
    class Parent extends Component {
      @inject(Mailer) readonly mailer!: Mailer;
      override prepare(): void {}
    }
    expect(await problemOf(Parent)).toMatchInlineSnapshot(`
      "Two components depend on each other and can never start
          ╭─▶ the root component (Parent), \`mailer\`, needs \`Mailer\`, provided by component \`mail\` (Mail)
          │     at describe-cycles.test.ts:LINE
          │     ▼
          │   component \`mail\` (Mail) is created after prepare() of its parent, the root component (Parent)
          ╰─────╯
        help         defer one need: @inject(Mailer, { deferred: true }) on \`mailer\` of Parent
                     or move the code in prepare() of Parent to start()
        code         ERR_DEPENDENCY_CYCLE"
    `);
  });

  test('a cycle through the prepare of an ancestor is reported', async () => {
    @component({ components: { mail: Mail } })
    class Between extends Component {}
    @component({ components: { between: Between } })
    class Root extends Component {
      override prepare(@inject(Mailer) _mailer: Mailer): void {}
    }
    expect(await problemOf(Root)).toMatchInlineSnapshot(`
      "Two components depend on each other and can never start
          ╭─▶ the root component (Root), \`prepare()\` parameter 1, needs \`Mailer\`, provided by component \`between.mail\` (Mail)
          │     at describe-cycles.test.ts:LINE
          │     ▼
          │   component \`between.mail\` (Mail) is created after prepare() of its ancestor, the root component (Root)
          ╰─────╯
        help         defer one need: @inject(Mailer, { deferred: true }) on \`prepare()\` parameter 1 of Root
                     or move the code in prepare() of Root to start()
        code         ERR_DEPENDENCY_CYCLE"
    `);
  });

  test('a component that needs its own resource is reported', async () => {
    class Self extends Component {
      @inject(Store) readonly store!: Store;
      @provides(Store) make(): Store {
        return new Store();
      }
    }
    expect(await problemOf(Self)).toMatchInlineSnapshot(`
      "A component depends on itself and can never start
          ╭─▶ the root component (Self), \`store\`, needs \`Store\`, provided by the root component (Self)
          │     at describe-cycles.test.ts:LINE
          ╰─────╯
        help         defer one need: @inject(Store, { deferred: true }) on \`store\` of Self
        code         ERR_DEPENDENCY_CYCLE"
    `);
  });

  test('a cycle through a resource that start() publishes is reported', async () => {
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
      'component `sender` (Sender), `store`, needs `Store`, provided by component `hand` (Hand)',
    );
  });

  test('each strongly connected component is reported once, without its dependents', async () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => token<object>(name));
    const link = (needs: number, provides_: number): ComponentClass => {
      class Node extends Component {
        @provides(keys[provides_]!) make(@inject(keys[needs]!) _need: object): object {
          return {};
        }
      }
      return Node;
    };
    @component({
      components: { a: link(1, 0), b: link(2, 1), c: link(0, 2), d: link(4, 3), e: link(3, 4), f: link(0, 5) },
    })
    class App extends Component {}
    const problems = await problemsOf(App);
    expect(problems.map((problem) => problem.split('\n')[0])).toEqual([
      '3 components depend on each other and can never start',
      'Two components depend on each other and can never start',
    ]);
  });

  test('deferred needs, needs of a parent for its children and needs of handlers form no cycle', async () => {
    class One extends Component {
      @inject(Mailer, { deferred: true }) readonly mailer!: Deferred<Mailer>;
      @provides(Feed) feed(): Feed {
        return new Feed();
      }
      @on(Feed, (feed) => feed.added) hear(_event: string, @inject(Mailbox) _box: Mailbox): void {}
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
