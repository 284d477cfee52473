import { Context, token } from '@asphalt/core';
import { ContextLeakError } from '@asphalt/core/errors';
import { Deferred, failureOf, settled, warningsOf } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';

const Port = token<number>('Port');

/** Runs longer than the millisecond after which a timer of Node fires whose delay is too long. */
const longerThanATimer = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe('close() with a limit', () => {
  test.each([2 ** 31, 30 * 86_400_000, Infinity])(
    'of %d ms waits for teardowns and factories, without a process warning',
    async (limitMs) => {
      const ended: string[] = [];
      const warnings = await warningsOf(async () => {
        const context = new Context();
        context.addResourceFactory(Port, () => longerThanATimer().then(() => ended.push('factory')));
        context.onTeardown(() => longerThanATimer().then(() => ended.push('teardown')));
        void context.getResource(Port);
        await context.close(undefined, { limitMs });
      });
      expect([ended, warnings]).toEqual([['factory', 'teardown'], []]);
    },
  );

  test('reports a teardown that hangs, abandons it and runs the others', async () => {
    const context = new Context('app');
    const ran: unknown[] = [];
    context.onTeardown((error) => ran.push(error));
    context.onTeardown(function closePool() {
      return new Promise(() => undefined);
    });
    context.startServiceTask(() => new Promise(() => undefined), { name: 'stuck' });
    context.onTeardown(async () => (await settled(), ran.push('in time')));
    const end = new Error('end');
    const error = await failureOf(() => context.close(end, { limitMs: 20 }));
    expect(error).toMatchObject({
      errors: [
        { label: 'task stuck', limitMs: 20, code: 'ERR_TEARDOWN_TIMEOUT' },
        { label: 'closePool', limitMs: 20 },
        expect.any(ContextLeakError),
      ],
      endedBy: end,
    });
    expect([ran, context.state]).toEqual([['in time', end], 'closed']);
  });

  test('reports a factory that hangs, abandons it and runs the teardowns', async () => {
    const context = new Context('app');
    const ran: string[] = [];
    const Name = token<string>('Name');
    context.addResourceFactory(Port, () => new Promise(() => undefined));
    context.addResourceFactory(Port, () => new Promise(() => undefined), { name: 'spare' });
    context.addResourceFactory(Name, async () => (await settled(), 'in time'), { dispose: (name) => ran.push(name) });
    context.onTeardown(() => ran.push('older'));
    void context.getResource(Port);
    void context.getResource(Name);
    context.onTeardown(() => void context.getResource(Port, 'spare'));
    const error = await failureOf(() => context.close(undefined, { limitMs: 20 }));
    expect(error).toMatchObject({
      errors: [
        { label: 'the factory of Port', limitMs: 20, code: 'ERR_TEARDOWN_TIMEOUT' },
        { label: 'the factory of Port "spare"', limitMs: 20 },
      ],
    });
    expect(String(error)).toMatchInlineSnapshot(`
      "TeardownError: 2 failures while context "app" closed
        1. Teardown timed out after 0.02 s waiting for the factory of Port
             help         find the promise that never settles, or raise the limit of close()
             code         ERR_TEARDOWN_TIMEOUT
        2. Teardown timed out after 0.02 s waiting for the factory of Port "spare"
             help         find the promise that never settles, or raise the limit of close()
             code         ERR_TEARDOWN_TIMEOUT
        code         ERR_TEARDOWN"
    `);
    expect([ran, context.state]).toEqual([['in time', 'older'], 'closed']);
  });

  test('disposes of a value that a factory creates too late, and rejects its lookup because the context is closed', async () => {
    const context = new Context('app');
    const undone: unknown[] = [];
    const held = [new Deferred<number>(), new Deferred<number>(), new Deferred<number>()] as const;
    const broken = new Error('broken');
    const dispose = (port: number, error: unknown): void => void undone.push(port, error);
    context.addResourceFactory(Port, () => held[0].promise, { name: 'late', dispose });
    context.addResourceFactory(
      Port,
      async function* () {
        yield await held[1].promise;
        throw broken;
      },
      { name: 'breaks' },
    );
    context.addResourceFactory(Port, () => held[2].promise, { name: 'fails' });
    const asked = ['late', 'breaks', 'fails'].map((name) => failureOf(() => context.getResource(Port, name)));
    await failureOf(() => context.close(undefined, { limitMs: 20 }));
    held[0].resolve(1);
    held[1].resolve(2);
    held[2].reject(new Error('refused'));
    const closed = { code: 'ERR_CONTEXT_STATE', state: 'closed' };
    expect(await Promise.all(asked)).toMatchObject([closed, { errors: [broken], endedBy: closed }, closed]);
    expect(undone).toEqual([1, expect.objectContaining(closed)]);
  });

  test('returns the value of an abandoned factory that finishes during the remaining teardown', async () => {
    const context = new Context('app');
    const late = new Deferred<number>();
    const ran: unknown[] = [];
    context.addResourceFactory(Port, () => late.promise, { dispose: (port) => ran.push(port) });
    context.onTeardown(async () => {
      late.resolve(1);
      ran.push(await asked);
    });
    const asked = context.getResource(Port);
    const error = await failureOf(() => context.close(undefined, { limitMs: 20 }));
    expect(error).toMatchObject({ errors: [{ label: 'the factory of Port' }] });
    expect(ran).toEqual([1, 1]);
  });

  test('leaves no timer behind after a successful close', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
    const before = timers();
    const context = new Context();
    context.onTeardown(() => settled());
    await context.close(undefined, { limitMs: 60_000 });
    expect(timers()).toBe(before);
  });
});
