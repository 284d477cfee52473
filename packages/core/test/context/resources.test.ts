import { Context, type ResourceAdded, ResourceNotFoundError, token } from '@asphalt/core';
import { ResourceConflictError } from '@asphalt/core/errors';
import { Deferred, failureOf, summaryOf } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';

abstract class Transport {
  abstract send(text: string): void;
}
class Smtp extends Transport {
  send(): void {}
}
const Port = token<number>('Port');

describe('publishing', () => {
  test('a value can be looked up under each of its identifiers and under no other key', () => {
    const context = new Context();
    const smtp = new Smtp();
    context.addResource([Transport, Smtp], smtp);
    expect(context.getResourceSync(Transport)).toBe(smtp);
    expect(context.getResourceSync(Smtp)).toBe(smtp);
    context.addResource(Smtp, new Smtp(), { name: 'second' });
    expect(context.findResource(Transport, 'second')).toBeUndefined();
  });

  test('a lookup by base class does not return a resource of a subclass', () => {
    const context = new Context();
    context.addResource(Smtp, new Smtp());
    expect(context.findResource(Transport)).toBeUndefined();
  });

  test.each([[0], [''], [false], [Number.NaN]])('the falsy value %j can be published and looked up', async (value) => {
    const context = new Context();
    const id = token<unknown>('Value');
    context.addResource(id, value);
    expect(context.getResourceSync(id)).toBe(value);
    expect(context.findResource(id)).toBe(value);
    expect(await context.getResource(id)).toBe(value);
    expect([...context.getResources(id)]).toEqual([['default', value]]);
    expect(() => context.addResource(id, 1)).toThrow(ResourceConflictError);
  });

  test.each([[null], [undefined]])('%s is rejected and not published', (value) => {
    const context = new Context();
    expect(() => context.addResource(Port, value as never)).toThrow(`addResource() received ${value}`);
    context.addResource(Port, 1);
  });

  test.each(['', 'a.b', 'a:b', 'a b', 'a/b', 'a\n'])(
    'the name %j is rejected, for values and for factories',
    async (name) => {
      const context = new Context();
      expect(await summaryOf(() => context.addResource(Port, 1, { name }))).toContain(
        'A resource name must consist of',
      );
      expect(await summaryOf(() => context.addResourceFactory(Port, () => 1, { name }))).toContain(
        'A resource name must consist of',
      );
    },
  );

  test.each(['primary', 'read_only', 'read-only', 'größe', '2'])('the name %j is accepted', (name) => {
    const context = new Context();
    context.addResource(Port, 80, { name });
    expect(context.getResourceSync(Port, name)).toBe(80);
    expect(context.findResource(Port)).toBeUndefined();
  });

  test('the name "default" is the same as no name', () => {
    const context = new Context();
    context.addResource(Port, 80, { name: 'default' });
    expect(context.getResourceSync(Port)).toBe(80);
  });

  test.each([[undefined], [null], ['Port'], [[]], [[Port, undefined]]])(
    '%j is rejected as an identifier',
    async (id) => {
      const context = new Context();
      for (const call of [
        () => context.addResource(id as never, 1 as never),
        () => context.addResourceFactory(id as never, () => 1),
      ]) {
        expect(await summaryOf(call)).toContain('requires a class or a token');
      }
      expect([...context.keys()]).toEqual([]);
    },
  );

  test.each([[undefined], ['Port']])('looking up %j throws an IdentifierError', async (id) => {
    const context = new Context();
    for (const call of [
      () => context.getResource(id as never),
      () => context.getResourceSync(id as never),
      () => context.findResource(id as never),
      () => context.getResources(id as never),
    ]) {
      expect(await summaryOf(call)).toContain('requires a class or a token');
    }
  });
});

describe('conflicts', () => {
  test('a value is not published under any key when one of its keys is taken', async () => {
    const context = new Context();
    context.addResource(Transport, new Smtp());
    const added: ResourceAdded[] = [];
    context.resourceAdded.subscribe((event) => added.push(event));
    let disposed = 0;
    expect(() => context.addResource([Smtp, Transport], new Smtp(), { dispose: () => disposed++ })).toThrow(
      ResourceConflictError,
    );
    expect(() => context.addResource([Port as never, Transport], new Smtp())).toThrow(ResourceConflictError);
    expect(context.findResource(Smtp)).toBeUndefined();
    expect(added).toEqual([]);
    await context.close();
    expect(disposed).toBe(0);
  });

  test('a factory is not published under any key when one of its keys has a factory', () => {
    const context = new Context();
    context.addResourceFactory(Transport, () => new Smtp());
    expect(() => context.addResourceFactory([Smtp, Transport], () => new Smtp())).toThrow(ResourceConflictError);
    expect(context.findResource(Smtp)).toBeUndefined();
  });

  test('a child cannot publish an inherited key, but its parent can publish a key of the child', async () => {
    await Context.run(async (parent) => {
      parent.addResource(Port, 1);
      await parent.run((child) => {
        expect(() => child.addResource(Port, 2)).toThrow(ResourceConflictError);
        child.addResource(Port, 3, { name: 'own' });
        parent.addResource(Port, 4, { name: 'own' });
        expect([child.getResourceSync(Port, 'own'), parent.getResourceSync(Port, 'own')]).toEqual([3, 4]);
      });
    });
  });

  test('a key can have both a value and a factory, published in either order, and the value takes precedence', () => {
    const before = new Context();
    before.addResource(Port, 1);
    before.addResourceFactory(Port, () => 2);
    const after = new Context();
    after.addResourceFactory(Port, () => 2);
    after.addResource(Port, 1);
    expect([before.getResourceSync(Port), after.getResourceSync(Port)]).toEqual([1, 1]);
  });

  test('a value takes precedence over a factory of several keys that was called under another key', () => {
    const context = new Context();
    const mine = new Smtp();
    context.addResource(Smtp, mine);
    context.addResourceFactory([Transport, Smtp], () => new Smtp());
    expect(context.getResourceSync(Transport)).not.toBe(mine);
    expect(context.getResourceSync(Smtp)).toBe(mine);
    expect(context.getResources(Smtp).get('default')).toBe(mine);
  });

  test('a key is taken once its factory has been called, even while the value is pending', async () => {
    const context = new Context();
    context.addResourceFactory(Port, () => 1);
    context.getResourceSync(Port);
    expect(() => context.addResource(Port, 2)).toThrow(ResourceConflictError);
    const slow = new Deferred<number>();
    context.addResourceFactory(Port, () => slow.promise, { name: 'slow' });
    const asked = context.getResource(Port, 'slow');
    expect(() => context.addResource(Port, 2, { name: 'slow' })).toThrow(ResourceConflictError);
    slow.resolve(3);
    expect(await asked).toBe(3);
  });
});

describe('looking up', () => {
  test('the error for a missing resource lists the other names of its type, including those of factories', async () => {
    const context = new Context('app');
    context.addResource(Port, 1, { name: 'http' });
    context.addResourceFactory(Port, () => 2, { name: 'https' });
    context.addResource(token<number>('Port'), 3, { name: 'of_another_token' });
    for (const call of [() => context.getResource(Port), () => context.getResourceSync(Port)]) {
      const error = await failureOf(call);
      expect(error).toBeInstanceOf(ResourceNotFoundError);
      expect(error).toMatchObject({
        key: { id: Port, name: 'default' },
        context: 'app',
        near: { otherNames: ['http', 'https'] },
      });
    }
    expect(context.findResource(Port)).toBeUndefined();
  });

  test('the error for a missing resource names a publication that came too late, and similar types', async () => {
    const [Mailer, Twin, Near] = ['Mailer', 'Mailer', 'Mailr'].map((name) => token<object>(name));
    const app = new Context('app');
    const request = app.child('request').child('inner');
    app.addResource(Mailer!, {});
    expect(await failureOf(() => request.getResource(Mailer!))).toMatchObject({ near: { later: 'app' } });
    request.addResource(Twin!, {});
    request.addResource(Near!, {});
    const other = new Context();
    other.addResource(Near!, {});
    expect(await failureOf(() => request.getResource(token('Mailer')))).toMatchObject({
      near: { later: undefined, similar: ['Mailer'] },
    });
    expect(await failureOf(() => other.getResourceSync(Mailer!))).toMatchObject({ near: { similar: ['Mailr'] } });
  });

  test('no context finds or suggests a withdrawn resource, and all contexts that had it find its replacement', async () => {
    const context = new Context('app');
    const first = {};
    context.resources.publish(Port, 1, 'default', undefined, first);
    const child = context.child('request');
    context.resources.withdraw([Port], 'default', first, 'component `net` (Net)');
    expect(await failureOf(() => context.getResourceSync(Port, 'other'))).toMatchObject({ near: { otherNames: [] } });
    for (const each of [context, child]) {
      expect([[...each.keys()], each.findResource(Port), each.getResources(Port).size]).toEqual([[], undefined, 0]);
      expect(await failureOf(() => each.getResource(Port))).toMatchObject({
        near: { stopped: 'component `net` (Net)' },
      });
    }
    context.addResource(Port, 2);
    expect([context.getResourceSync(Port), child.getResourceSync(Port)]).toEqual([2, 2]);
  });

  test('withdrawing the value of a key does not withdraw its factory', async () => {
    const context = new Context();
    const value = {};
    context.resources.publish(Port, 1, 'default', undefined, value);
    const factory = context.resources.publishFactory(Port, () => 2, {});
    const child = context.child();
    context.resources.withdraw([Port], 'default', value, 'a');
    expect([context.getResourceSync(Port), child.getResourceSync(Port)]).toEqual([2, 2]);
    context.resources.withdraw([Port], 'default', factory, 'a');
    expect([context.findResource(Port), child.findResource(Port), [...child.keys()]]).toEqual([
      undefined,
      undefined,
      [],
    ]);
    context.addResourceFactory(Port, () => 3);
    expect([context.getResourceSync(Port), child.getResourceSync(Port)]).toEqual([3, 3]);
  });

  test('a child can publish the key of a withdrawn resource, and keeps its own when the parent publishes again', () => {
    const context = new Context();
    const first = {};
    context.resources.publish(Port, 1, 'default', undefined, first);
    const child = context.child();
    const sibling = context.child();
    context.resources.withdraw([Port], 'default', first, 'a');
    child.addResource(Port, 10);
    context.addResource(Port, 2);
    expect([child, sibling, context].map((each) => each.getResourceSync(Port))).toEqual([10, 2, 2]);
  });

  test('withdrawing a resource a second time does not withdraw its replacement', () => {
    const context = new Context();
    const first = {};
    context.resources.publish(Port, 1, 'default', undefined, first);
    context.resources.withdraw([Port], 'default', first, 'a');
    context.resources.publish(Port, 2, 'default', undefined, {});
    context.resources.withdraw([Port], 'default', first, 'a');
    expect(context.getResourceSync(Port)).toBe(2);
  });

  test('getResources() returns the existing values by name and does not call factories', async () => {
    await Context.run(async (parent) => {
      parent.addResource(Port, 80);
      parent.addResource(Port, 81, { name: 'inherited' });
      let calls = 0;
      parent.addResourceFactory(Port, () => ++calls, { name: 'made' });
      await parent.run((child) => {
        child.addResource(Port, 82, { name: 'own' });
        expect(Object.fromEntries(child.getResources(Port))).toEqual({ default: 80, inherited: 81, own: 82 });
        expect(calls).toBe(0);
        child.getResourceSync(Port, 'made');
        expect(child.getResources(Port).get('made')).toBe(1);
        expect(parent.getResources(Port).has('made')).toBe(false);
      });
    });
  });
});

describe('resourceAdded', () => {
  test('emits one event for each value, each factory and each created value, with all identifiers', async () => {
    const context = new Context();
    const added: ResourceAdded[] = [];
    context.resourceAdded.subscribe((event) => added.push(event));
    context.addResource(Port, 1);
    context.addResourceFactory([Transport, Smtp], async () => new Smtp(), { name: 'mail' });
    await context.getResource(Smtp, 'mail');
    await context.getResource(Transport, 'mail');
    expect(added).toEqual([
      { ids: [Port], name: 'default', isFactory: false },
      { ids: [Transport, Smtp], name: 'mail', isFactory: true },
      { ids: [Transport, Smtp], name: 'mail', isFactory: false },
    ]);
  });

  test('can be awaited until a key is published', async () => {
    const context = new Context();
    const waiting = context.resourceAdded.wait(({ ids, name }) => ids.includes(Port) && name === 'late');
    context.addResource(Port, 1);
    context.addResource(Port, 6, { name: 'late' });
    expect(await waiting).toEqual({ ids: [Port], name: 'late', isFactory: false });
    expect(context.getResourceSync(Port, 'late')).toBe(6);
  });

  test('emits its event after the resource can be looked up', () => {
    const context = new Context();
    const seen: unknown[] = [];
    context.resourceAdded.subscribe(({ ids, name }) => seen.push(context.findResource(ids[0]!, name)));
    context.addResource(Port, 1);
    context.addResourceFactory(Smtp, () => new Smtp());
    expect(seen).toEqual([1, expect.any(Smtp), expect.any(Smtp)]);
  });

  test('does not fire on parent or child contexts', async () => {
    await Context.run(async (parent) => {
      await parent.run((child) => {
        const added: unknown[] = [];
        parent.resourceAdded.subscribe((event) => added.push(event));
        child.addResource(Port, 1);
        child.resourceAdded.subscribe((event) => added.push(event));
        parent.addResource(Smtp, new Smtp());
        expect(added).toEqual([{ ids: [Smtp], name: 'default', isFactory: false }]);
      });
    });
  });

  test('completes when the context has closed, which ends iterations over it', async () => {
    const context = new Context();
    const names: string[] = [];
    const listening = (async () => {
      for await (const { name } of context.resourceAdded) names.push(name);
    })();
    context.addResource(Port, 1, { name: 'a' });
    context.onTeardown(() => context.addResource(Port, 2, { name: 'b' }));
    await context.close();
    await listening;
    expect(names).toEqual(['a', 'b']);
    let completed = 0;
    context.resourceAdded.subscribe({ complete: () => completed++ });
    const unobserved = new Context();
    await unobserved.close();
    unobserved.resourceAdded.subscribe({ complete: () => completed++ });
    expect(completed).toBe(2);
  });
});
