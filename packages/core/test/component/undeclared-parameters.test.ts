import 'reflect-metadata';
import { problemOf, problemsOf } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import {
  component,
  Component,
  type ComponentClass,
  Context,
  health,
  inject,
  on,
  provides,
  Signal,
  startApplication,
  task,
} from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import { UndeclaredParameterError } from '@asphalt/core/errors';

class Db {}
class Cache {}
class Bus {
  readonly news = new Signal<string>();
}
class Parts extends Component {
  @provides(Db) db(): Db {
    return new Db();
  }
  @provides(Cache) cache(): Cache {
    return new Cache();
  }
  @provides(Bus) bus(): Bus {
    return new Bus();
  }
}

/** Returns the problems of a component beside `Parts`. */
async function problemsBesideParts(type: ComponentClass): Promise<string[]> {
  @component({ components: { parts: Parts, users: type } })
  class App extends Component {}
  return problemsOf(App);
}

/** Declares the types of a method's parameters, as a compiler with `emitDecoratorMetadata` does. */
function emitted(...types: readonly unknown[]) {
  return (prototype: object, member: string) => Reflect.defineMetadata('design:paramtypes', types, prototype, member);
}

describe('a constructor', () => {
  test('a parameter without @inject next to one that has it is reported before the start', async () => {
    class Users extends Component {
      constructor(
        @inject(Db) readonly db: Db,
        readonly cache: Cache,
      ) {
        super();
      }
    }
    expect((await problemsBesideParts(Users)).join('\n')).toMatchInlineSnapshot(`
      "Cannot inject constructor parameter 2 of Users: it has no @inject()
        required by  component \`users\` (Users)
        path         App › users (Users)
        declared at  undeclared-parameters.test.ts:LINE
        note         the type alone is not enough: the runtime passes only what @inject() declares
        help         add @inject(…) to it
                     or add a default value, if only tests pass it
        code         ERR_PARAMETER_UNDECLARED"
    `);
    await expect(startApplication(Users)).rejects.toMatchObject({ code: 'ERR_PLAN' });
  });

  test('a constructor without any @inject is reported, for a component and for a plain class', async () => {
    class Repo extends Component {
      constructor(readonly cache: Cache) {
        super();
      }
    }
    class Plain {
      constructor(readonly nothing?: number) {}
    }
    expect(await problemOf(Repo)).toMatchInlineSnapshot(`
      "Cannot inject constructor parameter 1 of Repo: it has no @inject()
        required by  the root component (Repo)
        note         the type alone is not enough: the runtime passes only what @inject() declares
        help         add @inject(…) to it
                     or add a default value, if only tests pass it
        code         ERR_PARAMETER_UNDECLARED"
    `);
    expect(await problemOf(Plain)).toContain('Cannot inject constructor parameter 1 of Plain: it has no @inject()');
  });

  test('the error contains the component, the class and the index as data', async () => {
    class Repo extends Component {
      constructor(readonly cache: Cache) {
        super();
      }
    }
    const { problems } = await planApplication(Repo);
    expect(problems[0]).toBeInstanceOf(UndeclaredParameterError);
    expect(problems[0]).toMatchObject({ index: 0, subject: { component: '', type: 'Repo' } });
  });

  test('a parameter with a default value needs no @inject', async () => {
    class Repo extends Component {
      constructor(
        @inject(Db) readonly db: Db,
        readonly limit = 5,
        readonly cache?: Cache,
      ) {
        super();
      }
    }
    expect(await problemsBesideParts(Repo)).toEqual([]);
  });

  test('a subclass with a constructor of its own is judged by that', async () => {
    abstract class Base extends Component {
      constructor(readonly topic: string) {
        super();
      }
    }
    class Orders extends Base {
      constructor() {
        super('orders');
      }
    }
    class Sales extends Base {
      constructor(@inject(Db) readonly db: Db) {
        super('sales');
      }
    }
    class Returns extends Base {
      constructor(readonly limit: number) {
        super('returns');
      }
    }
    expect(await problemsBesideParts(Orders)).toEqual([]);
    expect(await problemsBesideParts(Sales)).toEqual([]);
    expect(await problemsBesideParts(Returns)).toHaveLength(1);
  });

  test('a subclass inherits the constructor of its base class with its faults', async () => {
    class Users extends Component {
      constructor(
        @inject(Db) readonly db: Db,
        readonly cache: Cache,
      ) {
        super();
      }
    }
    class Admins extends Users {}
    class Guests extends Users {
      constructor(db: Db, @inject(Cache) cache: Cache) {
        super(db, cache);
      }
    }
    expect(await problemsBesideParts(Admins)).toHaveLength(1);
    // Decorators of a constructor replace those of the base class.
    expect(await problemsBesideParts(Guests)).toEqual([
      expect.stringContaining('Cannot inject constructor parameter 1 of Guests'),
    ]);
  });
});

describe('a method that the runtime calls', () => {
  test('parameters for which it has no value are reported', async () => {
    class Feed extends Component {
      override start(_abort: AbortSignal, _repo: Db): void {}
      @provides(Map) map(_abort: AbortSignal, _repo: Db): Map<string, string> {
        return new Map();
      }
      @provides(Set, { scope: 'context' }) set(_asking: Context, _repo: Db): Set<string> {
        return new Set();
      }
      @task() work(_abort: AbortSignal, _own: Context, _repo: Db): void {}
      @on(Bus, (bus) => bus.news) show(_event: string, _own: Context, _repo: Db): void {}
    }
    const problems = await problemsBesideParts(Feed);
    expect(problems.map((problem) => problem.split('\n')[0])).toMatchInlineSnapshot(`
      [
        "Cannot inject \`start()\` parameter 2 of Feed: it has no @inject()",
        "Cannot inject \`map()\` parameter 2 of Feed: it has no @inject()",
        "Cannot inject \`set()\` parameter 2 of Feed: it has no @inject()",
        "Cannot inject \`work()\` parameter 3 of Feed: it has no @inject()",
        "Cannot inject \`show()\` parameter 3 of Feed: it has no @inject()",
      ]
    `);
    expect(problems[0]).toMatchInlineSnapshot(`
      "Cannot inject \`start()\` parameter 2 of Feed: it has no @inject()
        required by  component \`users\` (Feed)
        path         App › users (Feed)
        note         without @inject(), one parameter receives the AbortSignal
        help         add @inject(…) to it
                     or remove it
        code         ERR_PARAMETER_UNDECLARED"
    `);
    expect(problems[3]).toContain(
      'note         without @inject(), two parameters receive the AbortSignal and the Context',
    );
  });

  test('parameters that receive the signal, the event or the context are recognized by their position', async () => {
    class Feed extends Component {
      override start(@inject(Db) _db: Db, _abort: AbortSignal): void {}
      override ready(_abort: AbortSignal, @inject(Db) _db: Db): void {}
      @task() work(@inject(Db) _db: Db, _abort: AbortSignal, @inject(Cache) _cache: Cache, _own: Context): void {}
      @on(Bus, (bus) => bus.news) show(_event: string, @inject(Db) _db: Db, _own: Context): void {}
    }
    expect(await problemsBesideParts(Feed)).toEqual([]);
  });

  test('an emitted type that is not that of the received value is reported', async () => {
    class Feed extends Component {
      @emitted(Db) override start(_repo: Db): void {}
      @on(Bus, (bus) => bus.news) @emitted(String, Db) show(_item: string, _repo: Db): void {}
      @task() @emitted(Context) work(_own: unknown): void {}
    }
    const problems = await problemsBesideParts(Feed);
    expect(problems.join('\n')).toMatchInlineSnapshot(`
      "\`start()\` parameter 1 of Feed has no @inject() and would receive the AbortSignal
        required by  component \`users\` (Feed)
        path         App › users (Feed)
        expects      \`Db\`
        note         without @inject(), one parameter receives the AbortSignal
        help         add @inject(Db) to it
                     or declare it as AbortSignal
        code         ERR_PARAMETER_UNDECLARED
      \`work()\` parameter 1 of Feed has no @inject() and would receive the AbortSignal
        required by  component \`users\` (Feed)
        path         App › users (Feed)
        declared at  undeclared-parameters.test.ts:LINE
        expects      \`Context\`
        note         without @inject(), two parameters receive the AbortSignal and the Context
        help         add @inject(Context) to it
                     or declare it as AbortSignal
        code         ERR_PARAMETER_UNDECLARED
      \`show()\` parameter 2 of Feed has no @inject() and would receive the Context
        required by  component \`users\` (Feed)
        path         App › users (Feed)
        declared at  undeclared-parameters.test.ts:LINE
        expects      \`Db\`
        note         without @inject(), two parameters receive the event and the Context
        help         add @inject(Db) to it
                     or declare it as Context
        code         ERR_PARAMETER_UNDECLARED"
    `);
  });

  test('an emitted type that fits, or that is no class, is accepted', async () => {
    class Feed extends Component {
      @emitted(AbortSignal) override start(_abort: AbortSignal): void {}
      @emitted(Object) override ready(_abort: { readonly aborted: boolean }): void {}
      @task() @emitted(AbortSignal, Context) work(_abort: AbortSignal, _own: Context): void {}
      @on(Bus, (bus) => bus.news) @emitted(String, Context) show(_item: string, _own: Context): void {}
    }
    expect(await problemsBesideParts(Feed)).toEqual([]);
  });

  test('an emitted base class of the received value is accepted', async () => {
    class Feed extends Component {
      @emitted(EventTarget) override start(_abort: EventTarget): void {}
      @provides(Map) @emitted(EventTarget) map(_abort: EventTarget): Map<string, string> {
        return new Map();
      }
      @task() @emitted(EventTarget, Object) work(_abort: EventTarget, _own: object): void {}
    }
    expect(await problemsBesideParts(Feed)).toEqual([]);
  });

  test('an emitted class that fits no passed value is reported for providers, factories, tasks and health checks', async () => {
    class Feed extends Component {
      @provides(Map) @emitted(Db) map(_repo: Db): Map<string, string> {
        return new Map();
      }
      @provides(Set, { scope: 'context' }) @emitted(Db) set(_repo: Db): Set<string> {
        return new Set();
      }
      @task() @emitted(AbortSignal, Db) work(_abort: AbortSignal, _repo: Db): void {}
      @health() @emitted(Db) check(_repo: Db): void {}
      @on(Bus, (bus) => bus.news) @emitted(EventTarget, EventTarget) show(_item: string, _own: EventTarget): void {}
    }
    const problems = await problemsBesideParts(Feed);
    expect(problems.map((problem) => problem.split('\n')[0])).toEqual([
      '`map()` parameter 1 of Feed has no @inject() and would receive the AbortSignal',
      '`set()` parameter 1 of Feed has no @inject() and would receive the Context',
      '`work()` parameter 2 of Feed has no @inject() and would receive the Context',
      '`check()` parameter 1 of Feed has no @inject() and would receive the AbortSignal',
      '`show()` parameter 2 of Feed has no @inject() and would receive the Context',
    ]);
  });
});
