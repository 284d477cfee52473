import {
  component,
  Component,
  Context,
  inject,
  injectAll,
  startApplication,
  token,
  type Deferred,
} from '@asphalt/core';
import { fromContext, injected, InjectedMethodError, NotInjectedError } from '@asphalt/core/ambient';
import { failureOf, summaryOf } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';

class Database {
  constructor(readonly name = 'main') {}
}
const Port = token<number>('Port');

class Reports {
  readonly title: string = 'reports';

  @injected()
  async list(
    limit: number,
    @inject(Database) db: Database = fromContext(),
    @inject(Database, 'archive') archive: Database = fromContext(),
  ): Promise<unknown[]> {
    return [this.title, limit, db.name, archive.name];
  }

  @injected()
  size(@inject(Port, { optional: true }) port?: number, @inject(Database) db: Database = fromContext()): unknown[] {
    return [port, db.name];
  }

  @injected()
  async later(@inject(Port, { optional: true }) port?: number): Promise<number | undefined> {
    return port;
  }

  @injected()
  all(
    @injectAll(Database) all: ReadonlyMap<string, Database> = fromContext(),
    @inject(Database, { deferred: true }) later: Deferred<Database> = fromContext(),
  ): unknown[] {
    return [[...all.keys()], later.get().name];
  }
}

const inContext = <R>(body: (context: Context) => R | Promise<R>): Promise<R> =>
  Context.run((context) => {
    context.addResource(Database, new Database());
    context.addResource(Database, new Database('old'), { name: 'archive' });
    return body(context);
  });

describe('a method with @injected()', () => {
  test('omitted arguments are injected, including those with a resource name', async () => {
    expect(await inContext(() => new Reports().list(3))).toEqual(['reports', 3, 'main', 'old']);
    expect(await inContext(() => new Reports().all())).toEqual([['default', 'archive'], 'main']);
  });

  test('passed arguments are kept, and no context is necessary if the caller passes all of them', async () => {
    const [mine, own] = [new Database('mine'), new Database('own')];
    expect(await inContext(() => new Reports().list(3, mine))).toEqual(['reports', 3, 'mine', 'old']);
    expect(await inContext(() => new Reports().list(3, undefined, own))).toEqual(['reports', 3, 'main', 'own']);
    expect(await new Reports().list(3, mine, own)).toEqual(['reports', 3, 'mine', 'own']);
  });

  test('resources are looked up again at every call', async () => {
    await inContext(async (context) => {
      const reports = new Reports();
      expect([reports.size(), await reports.later()]).toEqual([[undefined, 'main'], undefined]);
      context.addResource(Port, 80);
      expect([reports.size(), await reports.later()]).toEqual([[80, 'main'], 80]);
    });
  });

  test('an async method waits for asynchronous resources and a synchronous one throws', async () => {
    await Context.run(async (context) => {
      for (const name of ['default', 'archive']) {
        context.addResourceFactory(Database, async () => new Database(`made ${name}`), { name });
      }
      expect(await failureOf(() => new Reports().size())).toMatchObject({ code: 'ERR_RESOURCE_ASYNC' });
      expect(await new Reports().list(1)).toEqual(['reports', 1, 'made default', 'made archive']);
      expect(new Reports().size()).toEqual([undefined, 'made default']);
    });
  });

  test('an async method rejects if a resource is missing and a synchronous one throws', async () => {
    await Context.run(async () => {
      const promise = new Reports().list(1);
      expect(await failureOf(() => promise)).toMatchObject({ code: 'ERR_RESOURCE_NOT_FOUND' });
      expect(() => new Reports().size()).toThrow('No resource of type `Database`');
    });
    expect(await failureOf(() => new Reports().size())).toMatchObject({ code: 'ERR_CONTEXT_NONE' });
  });

  test('an injected method keeps its name and is inherited', async () => {
    class Monthly extends Reports {
      override readonly title = 'monthly';
    }
    expect(Reports.prototype.list.name).toBe('list');
    expect(await inContext(() => new Monthly().list(1))).toEqual(['monthly', 1, 'main', 'old']);
  });

  test('the graph ignores injected methods of a component', async () => {
    @component()
    class App extends Component {
      override start(): void {
        this.context.addResource(Database, new Database('published'));
        expect(this.describe()).toBe('published');
      }
      @injected()
      describe(@inject(Database) db: Database = fromContext()): string {
        return db.name;
      }
    }
    await (await startApplication(App)).stop();
  });
});

describe('the declaration of an injected method', () => {
  test('a method without @inject() is rejected', async () => {
    const declare = (): unknown => {
      class Broken {
        @injected()
        list(): void {}
      }
      return Broken;
    };
    expect(await failureOf(declare)).toBeInstanceOf(InjectedMethodError);
    expect(await summaryOf(declare)).toBe('@injected() on `Broken.list`: no parameter has @inject()');
  });

  test('a static method and a name from the configuration are rejected', async () => {
    const [statics, configured] = [
      () => {
        class Broken {
          @injected()
          static list(@inject(Database) _db?: Database): void {}
        }
        return Broken;
      },
      () => {
        class Broken {
          @injected()
          list(@inject(Database, { name: { option: 'db' } }) _db?: Database): void {}
        }
        return Broken;
      },
    ];
    expect(await summaryOf(statics)).toContain('the method is static');
    expect(await summaryOf(configured)).toContain('fromConfig() works only in components');
  });

  test('a missing @injected() is reported when the default is evaluated', async () => {
    class Forgetful {
      list(@inject(Database) db: Database = fromContext()): Database {
        return db;
      }
    }
    expect(await failureOf(() => inContext(() => new Forgetful().list()))).toBeInstanceOf(NotInjectedError);
    expect(new Forgetful().list(new Database('own')).name).toBe('own');
  });
});
