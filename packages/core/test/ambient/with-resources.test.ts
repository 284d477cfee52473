import {
  component,
  Component,
  Context,
  inject,
  LazyServiceIdentifier,
  provides,
  startApplication,
  token,
} from '@asphalt/core';
import { fromContext, injected, NoCurrentContextError, withResources } from '@asphalt/core/ambient';
import { planApplication } from '@asphalt/core/inspect';
import { failureOf, settled } from '@asphalt/test-support';
import { expect, test } from 'vitest';

class Database {
  constructor(readonly name = 'main') {}
}
const Port = token<number>('Port');

const describe = withResources(
  {
    db: Database,
    archive: { id: Database, name: 'archive' },
    port: { id: Port, optional: true },
    lazy: new LazyServiceIdentifier(() => Database),
  },
  ({ db, archive, port, lazy }, prefix: string, ...more: number[]) => [
    prefix,
    ...more,
    db.name,
    archive.name,
    port,
    lazy.name,
  ],
);
const nameOf = withResources({ db: Database }, async ({ db }) => db.name);

test('a function receives its resources from the current context and its arguments from the caller', async () => {
  await Context.run((context) => {
    context.addResource(Database, new Database());
    context.addResource(Database, new Database('old'), { name: 'archive' });
    expect(describe('one', 2, 3)).toEqual(['one', 2, 3, 'main', 'old', undefined, 'main']);
    context.addResource(Port, 80);
    expect(describe('one')).toEqual(['one', 'main', 'old', 80, 'main']);
  });
});

test('with() replaces some resources, or all of them so that no context is necessary', async () => {
  const [db, archive, lazy] = ['db', 'archive', 'lazy'].map((name) => new Database(name)) as [
    Database,
    Database,
    Database,
  ];
  await Context.run((context) => {
    context.addResource(Database, new Database());
    expect(describe.with({ archive, port: 1 })('one')).toEqual(['one', 'main', 'archive', 1, 'main']);
  });
  expect(describe.with({ db, archive, port: 2, lazy })('one', 1)).toEqual(['one', 1, 'db', 'archive', 2, 'lazy']);
  expect(await nameOf.with({ db })()).toBe('db');
});

test('an async function waits for resources and rejects, and a synchronous one throws', async () => {
  await Context.run(async (context) => {
    const missing = nameOf();
    expect(await failureOf(() => missing)).toMatchObject({ code: 'ERR_RESOURCE_NOT_FOUND' });
    context.addResourceFactory(Database, async () => new Database('made'));
    const size = withResources({ db: Database }, ({ db }) => db.name.length);
    expect(() => size()).toThrow('created asynchronously');
    expect(await nameOf()).toBe('made');
    expect(size()).toBe(4);
  });
  const outside = nameOf();
  expect(await failureOf(() => outside)).toBeInstanceOf(NoCurrentContextError);
});

test('during a start, async functions and methods wait for a resource that a component publishes later', async () => {
  class Gives extends Component {
    @provides(Port) async port(): Promise<number> {
      await settled();
      return 80;
    }
  }
  const portOf = withResources({ port: Port }, async ({ port }) => port);
  const optionalPort = withResources({ port: { id: Port, optional: true } }, async ({ port }) => port);
  class Reader {
    @injected() async read(@inject(Port) port: number = fromContext()): Promise<number> {
      return port;
    }
  }
  const found: unknown[] = [];
  class Takes extends Component {
    override async start(): Promise<void> {
      found.push(...(await Promise.all([portOf(), optionalPort(), new Reader().read()])));
    }
  }
  @component({ components: { takes: Takes, gives: Gives } })
  class App extends Component {}
  const application = await startApplication(App);
  expect(found).toEqual([80, 80, 80]);
  await application.stop();
});

test('the resources of a function in the lookups of a component are needs of the plan', async () => {
  class Databases extends Component {
    @provides(Database) database(): Database {
      return new Database();
    }
  }
  @component({ components: { main: Databases }, lookups: [describe, nameOf] })
  class App extends Component {}
  const { problems } = await planApplication(App);
  expect(problems).toMatchObject([{ code: 'ERR_PROVIDER_MISSING', key: { id: Database, name: 'archive' } }]);
});

test.each([
  ['undefined, as during a circular import', undefined, 'ERR_IDENTIFIER'],
  ['a text', 'Mailer', 'ERR_IDENTIFIER'],
  ['a name that is no resource name', { id: class Mailer {}, name: 5 }, 'ERR_RESOURCE_NAME'],
])('withResources() refuses %s at the call', (_, wanted, code) => {
  expect(() => withResources({ mailer: wanted as never }, () => {})).toThrow(expect.objectContaining({ code }));
});
