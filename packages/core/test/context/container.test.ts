import 'reflect-metadata';
import { inject, injectable, LazyServiceIdentifier, multiInject, named, optional, tagged } from 'inversify';
import { Context, token } from '@asphalt/core';
import { containerOf } from '@asphalt/core/inversify';
import { expect, test } from 'vitest';

class Mailer {
  constructor(readonly address: string) {}
}
class Clock {}
class Missing {}

@injectable()
class Summary {
  constructor(
    @inject(Mailer) readonly mailer: Mailer,
    @inject(Mailer) @named('bulk') readonly bulk: Mailer,
    @inject(Clock) readonly clock: Clock,
    @inject(Missing) @optional() readonly missing: Missing | undefined,
  ) {}
}

test('resolve() creates an inversify class from the resources of a context', async () => {
  await Context.run(async (context) => {
    context.addResource(Mailer, new Mailer('default'));
    context.addResource(Mailer, new Mailer('bulk'), { name: 'bulk' });
    context.addResourceFactory(Clock, async () => new Clock());
    const report = await context.resolve(Summary);
    expect(report).toBeInstanceOf(Summary);
    expect([report.mailer.address, report.bulk.address]).toEqual(['default', 'bulk']);
    expect(report.clock).toBe(await context.getResource(Clock));
    expect(report.missing).toBeUndefined();
  });
});

test('the container returns resources that are added later, and the values of factories for its own context', async () => {
  await Context.run(async (parent) => {
    parent.addResourceFactory(Clock, () => new Clock());
    expect(containerOf(parent)).toBe(containerOf(parent));
    parent.addResource(Mailer, new Mailer('late'));
    expect(containerOf(parent).get(Mailer).address).toBe('late');
    await parent.run((child) => {
      expect(containerOf(child).get(Clock)).toBe(child.getResourceSync(Clock));
      expect(containerOf(child).get(Clock)).not.toBe(parent.getResourceSync(Clock));
    });
  });
});

@injectable()
class Broadcast {
  @multiInject(Clock) @optional() readonly clocks: readonly Clock[] | undefined;
  @multiInject(Missing) @optional() readonly missing: readonly Missing[] | undefined;

  constructor(
    @multiInject(new LazyServiceIdentifier(() => Mailer)) readonly mailers: readonly Mailer[],
    @inject(Mailer) @named('default') readonly first: Mailer,
  ) {}
}

test('@multiInject collects all resources of a type, including those of factories, and @named("default") selects one', async () => {
  await Context.run(async (parent) => {
    parent.addResource(Mailer, new Mailer('one'));
    parent.addResource(Mailer, new Mailer('two'), { name: 'bulk' });
    parent.addResourceFactory(Clock, async () => new Clock(), { name: 'utc' });
    await parent.run(async (context) => {
      context.addResourceFactory(Mailer, async () => new Mailer('three'), { name: 'made' });
      const { mailers, first, clocks, missing } = await context.resolve(Broadcast);
      expect(mailers.map(({ address }) => address).sort()).toEqual(['one', 'three', 'two']);
      expect(first.address).toBe('one');
      expect(clocks).toEqual([context.getResourceSync(Clock, 'utc')]);
      expect(missing ?? []).toEqual([]);
      expect(await context.resolve(Summary).catch((error: Error) => error.message)).toContain('Clock');
    });
  });
});

test('a class with both an unnamed @inject and a @multiInject of one type fails as ambiguous', async () => {
  @injectable()
  class Both {
    constructor(
      @inject(Mailer) readonly one: Mailer,
      @multiInject(Mailer) readonly all: readonly Mailer[],
    ) {}
  }
  await Context.run(async (context) => {
    context.addResource(Mailer, new Mailer('one'));
    context.addResource(Mailer, new Mailer('two'), { name: 'bulk' });
    await expect(context.resolve(Both)).rejects.toThrow('Ambiguous bindings');
  });
});

test('a class that has no resource under the requested name or tag is reported and not instantiated', async () => {
  @injectable()
  class Lost {
    constructor(@inject(Missing) readonly missing: Missing) {}
  }
  @injectable()
  class Misnamed {
    constructor(@inject(Mailer) @named('bulk') readonly mailer: Mailer) {}
  }
  @injectable()
  class Tagged {
    constructor(@inject(Mailer) @tagged('kind', 'bulk') readonly mailer: Mailer) {}
  }
  await Context.run(async (context) => {
    context.addResource(Mailer, new Mailer('one'));
    for (const type of [Lost, Misnamed, Tagged]) {
      await expect(context.resolve<unknown>(type)).rejects.toThrow('No bindings found for service');
    }
  });
});

test('the container resolves a token by the symbol or string that it was created with', async () => {
  const clock = Symbol('Clock');
  const [BySymbol, ByText] = [token<number>(clock), token<string>('text')];
  @injectable()
  class Needy {
    constructor(
      @inject(clock) readonly hour: number,
      @inject('text') readonly text: string,
    ) {}
  }
  await Context.run(async (context) => {
    context.addResource(BySymbol, 12);
    context.addResource(ByText, 'x');
    expect(await context.resolve(Needy)).toEqual({ hour: 12, text: 'x' });
  });
});
