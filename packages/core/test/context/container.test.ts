import 'reflect-metadata';
import { inject, injectable, named, optional } from 'inversify';
import { Context, token } from '@asphalt/core';
import { expect, test } from 'vitest';

class Mailer {
  constructor(readonly address: string) {}
}
class Clock {}
class Missing {}

@injectable()
class Report {
  constructor(
    @inject(Mailer) readonly mailer: Mailer,
    @inject(Mailer) @named('bulk') readonly bulk: Mailer,
    @inject(Clock) readonly clock: Clock,
    @inject(Missing) @optional() readonly missing: Missing | undefined,
  ) {}
}

test('an injectable class of inversify is made from the resources of a context', async () => {
  await Context.run(async (context) => {
    context.addResource(Mailer, new Mailer('default'));
    context.addResource(Mailer, new Mailer('bulk'), { name: 'bulk' });
    context.addResourceFactory(Clock, async () => new Clock());
    const report = await context.resolve(Report);
    expect(report).toBeInstanceOf(Report);
    expect([report.mailer.address, report.bulk.address]).toEqual(['default', 'bulk']);
    expect(report.clock).toBe(await context.getResource(Clock));
    expect(report.missing).toBeUndefined();
  });
});

test('the container sees what is added after it was made, and what a child context makes for itself', async () => {
  await Context.run(async (parent) => {
    parent.addResourceFactory(Clock, () => new Clock());
    expect(parent.container).toBe(parent.container);
    parent.addResource(Mailer, new Mailer('late'));
    expect(parent.container.get(Mailer).address).toBe('late');
    await parent.run((child) => {
      expect(child.container.get(Clock)).toBe(child.getResourceSync(Clock));
      expect(child.container.get(Clock)).not.toBe(parent.getResourceSync(Clock));
    });
  });
});

test('the container knows a token by the symbol or text that it was made with', async () => {
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
