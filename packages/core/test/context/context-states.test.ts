import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Context, type ContextState, token } from '@asphalt/core';
import { summaryOf } from '@asphalt/test-support';
import { injectable } from 'inversify';
import { of } from 'rxjs';
import { containerOf } from '@asphalt/core/inversify';
import { describe, expect, test } from 'vitest';

const Known = token<string>('Known');
const Made = token<string>('Made');
const Other = token<string>('Other');

@injectable()
class Plain {}

type Operation = (context: Context) => unknown;

/** The result of each operation in each state: `true` if it is allowed, otherwise the start of the error. */
const cells: Record<string, [operation: Operation, open: true, closing: true | string, closed: true | string]> = {
  addResource: [(c) => c.addResource(Other, 'x'), true, true, 'Cannot add a resource to'],
  addResourceFactory: [
    (c) => c.addResourceFactory(Other, () => 'x'),
    true,
    'Cannot add a factory to',
    'Cannot add a factory to',
  ],
  getResource: [(c) => c.getResource(Known), true, true, 'Cannot look up a resource in'],
  'getResource of a factory': [(c) => c.getResource(Made), true, true, 'Cannot look up a resource in'],
  getResourceSync: [(c) => c.getResourceSync(Known), true, true, 'Cannot look up a resource in'],
  findResource: [(c) => c.findResource(Other), true, true, 'Cannot look up a resource in'],
  getResources: [(c) => c.getResources(Known), true, true, 'Cannot look up resources in'],
  onTeardown: [(c) => c.onTeardown(() => {}), true, true, 'Cannot add a teardown callback to'],
  startServiceTask: [
    (c) => c.startServiceTask(() => {}, { name: 'task' }),
    true,
    'Cannot start a task in',
    'Cannot start a task in',
  ],
  startTaskGroup: [(c) => c.startTaskGroup(), true, 'Cannot start a task group in', 'Cannot start a task group in'],
  enter: [(c) => c.enter(() => undefined), true, true, true],
  keys: [(c) => [...c.keys()], true, true, true],
  child: [(c) => c.child().close(), true, true, 'Cannot open a child of'],
  run: [(c) => c.run(() => {}), true, true, 'Cannot open a child of'],
  until: [(c) => of(1).pipe(c.until()).subscribe(), true, true, 'Cannot subscribe until the end of'],
  resourceAdded: [(c) => c.resourceAdded.subscribe(() => {}), true, true, true],
  containerOf: [(c) => containerOf(c), true, true, 'Cannot use the container of'],
  resolve: [(c) => c.resolve(Plain), true, true, 'Cannot use the container of'],
  abort: [(c) => c.abort, true, true, true],
  cancel: [(c) => c.cancel(), true, true, true],
  close: [(c) => c.close(), true, 'Cannot close', true],
};

async function outcomeIn(state: ContextState, operation: Operation): Promise<true | string> {
  const context = new Context('request');
  context.addResource(Known, 'known');
  context.addResourceFactory(Made, () => 'made');
  let summary: string | undefined;
  const run = async (): Promise<void> => {
    expect(context.state).toBe(state);
    summary = await summaryOf(() => operation(context));
  };
  if (state === 'open') await run();
  if (state === 'closing') context.onTeardown(run);
  await context.close();
  if (state === 'closed') await run();
  expect(context.state).toBe('closed');
  return summary ?? true;
}

describe.each(Object.entries(cells))('%s', (_, [operation, ...outcomes]) => {
  test.each([
    ['open', outcomes[0]],
    ['closing', outcomes[1]],
    ['closed', outcomes[2]],
  ] as const)('in a context that is %s: %s', async (state, outcome) => {
    expect(await outcomeIn(state, operation)).toBe(
      outcome === true ? true : `${outcome} context "request": it is ${state}`,
    );
  });
});

test('closing a context again does nothing, even if the first close failed', async () => {
  const context = new Context();
  let runs = 0;
  context.onTeardown(() => {
    runs++;
    throw new Error('stuck');
  });
  await expect(context.close()).rejects.toThrow('1 failure');
  await expect(context.close()).resolves.toBeUndefined();
  expect(runs).toBe(1);
});

test('a context knows its parent and its name', async () => {
  await Context.run(async (root) => {
    expect([root.parent, root.name]).toEqual([undefined, 'application']);
    await root.run((child) => expect([child.parent, child.name]).toEqual([root, 'request 1']), 'request 1');
    await root.run((child) => expect(child.name).toBe('child'));
  }, 'application');
});

test('a child that outlives its parent keeps its inherited resources and can be closed', async () => {
  const parent = new Context('parent');
  parent.addResource(Known, 'known');
  const child = parent.child();
  await expect(parent.close()).rejects.toThrow('child context was open');
  expect(child.getResourceSync(Known)).toBe('known');
  await child.close();
});

test('the diagnostics channel receives each context when it opens, once', () => {
  const received: unknown[] = [];
  const receive = (context: unknown): void => void received.push(context);
  subscribe('asphalt:context', receive);
  const context = new Context('request');
  context.addResourceFactory(Made, (asking) => `for ${asking.name}`);
  const child = context.child();
  child.getResourceSync(Made);
  unsubscribe('asphalt:context', receive);
  context.child();
  expect(received).toEqual([context, child]);
});
