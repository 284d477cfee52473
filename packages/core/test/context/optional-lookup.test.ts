import { Deferred, errorOf, startUntilIdle } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import { component, Component, Context, provides, token } from '@asphalt/core';

const Int = token<number>('Int');

describe('an optional asynchronous lookup', () => {
  test('waits for an asynchronous factory, for which findResource throws', async () => {
    await Context.run(async (context) => {
      context.addResourceFactory(Int, async () => 5);
      expect(() => context.findResource(Int)).toThrow('created asynchronously');
      expect(await context.getResource(Int, { optional: true })).toBe(5);
      expect(context.findResource(Int)).toBe(5);
    });
  });

  test('resolves to undefined without a resource, also under another name', async () => {
    await Context.run(async (context) => {
      context.addResource(Int, 1);
      expect(await context.getResource(Int, { optional: true, name: 'other' })).toBeUndefined();
      expect(await context.getResource(Int, { optional: true })).toBe(1);
    });
  });

  test('rejects with the error of the factory', async () => {
    await Context.run(async (context) => {
      context.addResourceFactory(Int, async () => Promise.reject(new Error('broken')));
      expect((await errorOf(context.getResource(Int, { optional: true }))).message).toBe('broken');
    });
  });

  test('during the start, waits for a component that declares the key and for no other', async () => {
    const gate = new Deferred<number>();
    const found: unknown[] = [];
    class Gives extends Component {
      @provides(Int) number(): Promise<number> {
        return gate.promise;
      }
    }
    class Takes extends Component {
      override async start(): Promise<void> {
        found.push(await this.context.getResource(Int, { optional: true, name: 'none' }));
        found.push(await this.context.getResource(Int, { optional: true }));
      }
    }
    @component({ components: { takes: Takes, gives: Gives } })
    class App extends Component {}
    const { app, start } = await startUntilIdle(App);
    expect(found).toEqual([undefined]);
    gate.resolve(7);
    await start;
    expect(found).toEqual([undefined, 7]);
    await app.stop();
  });

  test('counts as a need in the stop order, like a required lookup', async () => {
    const order: string[] = [];
    class Gives extends Component {
      @provides(Int) *number(): Generator<number> {
        yield 1;
        order.push('gives');
      }
    }
    class Takes extends Component {
      override async *start(): AsyncGenerator<void> {
        await this.context.getResource(Int, { optional: true });
        yield;
        order.push('takes');
      }
    }
    @component({ components: { takes: Takes, gives: Gives } })
    class App extends Component {}
    const { app, start } = await startUntilIdle(App);
    await start;
    await app.stop();
    expect(order).toEqual(['takes', 'gives']);
  });
});

describe('a resource with a `then` method', () => {
  class Query {
    // oxlint-disable-next-line unicorn/no-thenable -- the test is about such a class
    then(resolve: (rows: string[]) => void): void {
      resolve(['row']);
    }
  }

  test('a promise without `await` is rejected', async () => {
    await Context.run(async (context) => {
      const { message } = await errorOf(() => context.addResource(Int, Promise.resolve(5) as never));
      expect(message).toMatchInlineSnapshot(`
        "addResource() received a promise as \`Int\`
          note         each \`await\` of a lookup would return the result of its \`then\` method instead
          help         await it, and pass its result
          code         ERR_RESOURCE_VALUE"
      `);
    });
  });

  test('an object with a `then` method is rejected, because a lookup would return its result', async () => {
    await Context.run(async (context) => {
      const { message } = await errorOf(() => context.addResource(Query, new Query()));
      expect(message).toMatchInlineSnapshot(`
        "addResource() received an object with a \`then\` method as \`Query\`
          note         each \`await\` of a lookup would return the result of its \`then\` method instead
          help         pass an object that holds it, such as { value }
          code         ERR_RESOURCE_VALUE"
      `);
    });
  });

  test('a provider and a factory that return one are reported', async () => {
    class Gives extends Component {
      @provides(Query) query(): Query {
        return new Query();
      }
    }
    const { outcome } = await startUntilIdle(Gives);
    expect(String(outcome.error)).toContain('`query()` returned an object with a `then` method as `Query`');
    await Context.run(async (context) => {
      context.addResourceFactory(Query, function* () {
        yield new Query();
      });
      expect((await errorOf(context.getResource(Query))).message).toContain('an object with a `then` method');
    });
  });
});
