import { Context, LazyServiceIdentifier } from '@asphalt/core';
import { IdentifierError } from '@asphalt/core/errors';
import { describe, expect, expectTypeOf, test } from 'vitest';

import { needs } from '../src/routes/needs.ts';
import { serve } from './serve.ts';

class Clock {
  constructor(readonly now: number) {}
}

abstract class Store {
  abstract save(id: string): Promise<string>;
}

class MemoryStore extends Store {
  save(id: string): Promise<string> {
    return Promise.resolve(`saved ${id}`);
  }
}

describe('needs', () => {
  test('injects resources of the context of the request, asynchronous ones included', async () => {
    const root = new Context('app');
    root.addResource(Clock, new Clock(7));
    root.addResourceFactory(Store, () => Promise.resolve(new MemoryStore()));
    const { url } = await serve((app) => {
      app.get('/pages/:id', needs({ clock: Clock, store: Store }), async (c) => {
        expectTypeOf(c.var.clock).toEqualTypeOf<Clock>();
        expectTypeOf(c.var.store).toEqualTypeOf<Store>();
        expectTypeOf(c.req.param('id')).toEqualTypeOf<string>();
        return c.json({ saved: await c.var.store.save(c.req.param('id')), at: c.var.clock.now });
      });
    }, root);
    expect(await (await fetch(`${url}/pages/9`)).json()).toEqual({ saved: 'saved 9', at: 7 });
  });

  test.each([
    ['undefined, as during a circular import', { clock: undefined }, 'Variable `clock` of needs()'],
    ['a text', { clock: 'Clock' }, 'Variable `clock` of needs()'],
    ['an object without a class', { clock: { id: undefined } }, 'Variable `clock` of needs()'],
    ['null instead of variables', null, 'needs()'],
    ['a text instead of variables', 'Clock', 'needs()'],
  ])('refuses %s at the call', (_, wanted, where) => {
    expect(() => needs(wanted as never)).toThrow(expect.objectContaining({ code: 'ERR_IDENTIFIER', where }));
  });

  test('refuses a name that is no text at the call', () => {
    expect(() => needs({ clock: { id: Clock, name: 5 as never } })).toThrow(
      expect.objectContaining({ code: 'ERR_RESOURCE_NAME' }),
    );
  });

  test('resolves a lazy identifier at the request', async () => {
    const root = new Context('app');
    root.addResource(Clock, new Clock(7));
    const { url } = await serve((app) => {
      app.get('/', needs({ clock: new LazyServiceIdentifier(() => Clock) }), (c) => {
        expectTypeOf(c.var.clock).toEqualTypeOf<Clock>();
        return c.json(c.var.clock.now);
      });
    }, root);
    expect(await (await fetch(url)).json()).toBe(7);
  });

  test('responds with 500 when a resource is missing, before the handler runs', async () => {
    let ran = false;
    const { url, lines } = await serve((app) => {
      app.get('/', needs({ clock: Clock }), (c) => {
        ran = true;
        return c.text('never');
      });
    });
    expect((await fetch(url)).status).toBe(500);
    expect(ran).toBe(false);
    expect(lines).toMatchObject([{ message: 'GET / failed', error: { code: 'ERR_RESOURCE_NOT_FOUND' } }]);
  });

  test('injects named resources, and undefined for an optional resource that is absent', async () => {
    class Identified {
      static readonly id = 'a static id';
    }
    const root = new Context('app');
    root.addResource(Clock, new Clock(7), { name: 'utc' });
    root.addResource(Identified, new Identified());
    const { url } = await serve((app) => {
      const some = needs({
        clock: { id: Clock, name: 'utc' },
        store: { id: Store, optional: true },
        identified: Identified,
      });
      app.get('/', some, (c) => {
        expectTypeOf(c.var.clock).toEqualTypeOf<Clock>();
        expectTypeOf(c.var.store).toEqualTypeOf<Store | undefined>();
        expectTypeOf(c.var.identified).toEqualTypeOf<Identified>();
        return c.json([c.var.clock.now, c.var.store === undefined, c.var.identified instanceof Identified]);
      });
    }, root);
    expect(await (await fetch(url)).json()).toEqual([7, true, true]);
  });

  test('does not compile with a value that is neither class nor token, or with a resource that was not requested', async () => {
    // @ts-expect-error a plain object identifies nothing
    expect(() => needs({ clock: { now: 7 } })).toThrow(IdentifierError);
    await serve((app) => {
      // @ts-expect-error `store` was not asked for
      app.get('/', needs({ clock: Clock }), (c) => c.json(c.var.store));
    });
  });
});
