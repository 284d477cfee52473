import { failureOf, settled } from '@asphalt/test-support';
import { injectable } from 'inversify';
import { of } from 'rxjs';
import { Context, token } from '@asphalt/core';
import * as ambient from '@asphalt/core/ambient';
import { expect, test } from 'vitest';

const Port = token<number>('Port');

@injectable()
class Plain {}

/** Calls each function, or the method with the same name. */
const calls: Record<string, (on: typeof ambient | Context) => unknown> = {
  addResource: (on) => on.addResource(Port, 1, { name: 'added' }),
  addResourceFactory: (on) => on.addResourceFactory(Port, () => 2, { name: 'made' }),
  getResource: (on) => on.getResource(Port),
  getResourceSync: (on) => on.getResourceSync(Port),
  findResource: (on) => on.findResource(Port, 'absent') ?? 'absent',
  getResources: (on) => on.getResources(Port),
  onTeardown: (on) => on.onTeardown(() => undefined),
  resolve: (on) => on.resolve(Plain),
  startServiceTask: async (on) => on.startServiceTask(() => undefined, { name: 'task' }).name,
  startTaskGroup: (on) => on.startTaskGroup({ name: 'group' }).name,
  until: (on) => of(1).pipe(on.until()).subscribe(),
};

test('each method that reads, adds or starts something has a function', () => {
  const functions = Object.keys(ambient).filter((name) => name in Context.prototype);
  expect(functions.sort()).toEqual(Object.keys(calls).sort());
});

test.each(Object.entries(calls))('%s has the same effect as the method on the current context', async (_, call) => {
  const outcome = async (act: (context: Context) => unknown): Promise<unknown> =>
    Context.run(async (context) => {
      context.addResource(Port, 80);
      const result = await act(context);
      return [result, [...context.keys()].map(({ name }) => name), context.lifetime.teardowns.mark];
    });
  const byFunction = await outcome(() => call(ambient));
  expect(byFunction).toEqual(await outcome(call));
  expect(await failureOf(() => call(ambient))).toBeInstanceOf(ambient.NoCurrentContextError);
});

test('a missing resource causes the same error as with the method', async () => {
  await Context.run(async () => {
    expect(await failureOf(() => ambient.getResource(Port))).toMatchObject({ code: 'ERR_RESOURCE_NOT_FOUND' });
    expect(await failureOf(() => ambient.getResourceSync(Port))).toMatchObject({ code: 'ERR_RESOURCE_NOT_FOUND' });
    expect(ambient.findResource(Port)).toBeUndefined();
  });
});

test('factories without parameters that wait for each other through the current context throw a FactoryCycleError', async () => {
  const [A, B] = [token<unknown>('A'), token<unknown>('B')];
  await Context.run(async (context) => {
    context.addResourceFactory(A, async () => {
      await settled();
      return ambient.getResource(B);
    });
    context.addResourceFactory(B, () => settled().then(() => ambient.currentContext().getResource(A)));
    expect(await failureOf(() => context.getResource(A))).toMatchObject({ code: 'ERR_FACTORY_CYCLE' });
  });
});
