import {
  component,
  Component,
  Context,
  provides,
  startApplication,
  token,
  type ApplicationOptions,
} from '@asphalt/core';
import type { StartError } from '@asphalt/core/errors';
import { Deferred, failureOf, recordingLogger, settled, startUntilIdle, warningsOf } from '@asphalt/test-support';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';

const [A, B] = [token<unknown>('A'), token<unknown>('B')];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Adds two factories that look each other up in the context itself, so that their lookups do not name their calls. */
function contextWithCycle(): Context {
  const context = new Context('jobs');
  context.addResourceFactory(A, async () => {
    await Promise.resolve();
    return context.getResource(B);
  });
  context.addResourceFactory(B, async () => {
    await Promise.resolve();
    return context.getResource(A);
  });
  return context;
}

/** Closes a context whose factories never finish. */
async function abandon(context: Context): Promise<void> {
  const closed = failureOf(() => context.close(undefined, { limitMs: 1 }));
  await vi.advanceTimersByTimeAsync(1);
  await closed;
}

test('factories that wait for each other without their own context cause one warning with their keys', async () => {
  const context = contextWithCycle();
  void context.getResource(A);
  await settled();
  const warnings = await warningsOf(() => vi.advanceTimersByTimeAsync(60_000));
  expect(warnings).toMatchObject([
    {
      code: 'ASPHALT_FACTORY_PENDING',
      message:
        'Still waiting after 2 s for the factory of `A` in context "jobs" (running factories: `A`, `B`). Factories that ' +
        'wait for each other never finish; such a cycle is an error if they look up resources in the context that they ' +
        'receive',
    },
  ]);
  await abandon(context);
});

test('a factory that finishes within the time, or that one lookup waits for, causes no warning', async () => {
  const context = new Context();
  const [shared, single] = [new Deferred<string>(), new Deferred<string>()];
  context.addResourceFactory(A, () => shared.promise);
  context.addResourceFactory(B, () => single.promise);
  const lookups = [context.getResource(A), context.getResource(A), context.getResource(B)];
  const warnings = await warningsOf(async () => {
    await vi.advanceTimersByTimeAsync(1999);
    shared.resolve('a');
    await settled();
    await vi.advanceTimersByTimeAsync(60_000);
  });
  single.resolve('b');
  expect(await Promise.all(lookups)).toEqual(['a', 'a', 'b']);
  expect(warnings).toEqual([]);
  await context.close();
});

class NeedsB extends Component {
  @provides(A, { scope: 'context' })
  async a(): Promise<unknown> {
    await Promise.resolve();
    return { b: await this.context.getResource(B) };
  }
}
class NeedsA extends Component {
  @provides(B, { scope: 'context' })
  async b(): Promise<unknown> {
    await Promise.resolve();
    return { a: await this.context.getResource(A) };
  }
}

test('the warning about providers that use `this.context` is logged and names their components', async () => {
  @component({ components: { one: NeedsB, two: NeedsA } })
  class App extends Component {}
  const { logger, lines } = recordingLogger();
  const application = await startApplication(App, { logger });
  const request = application.context.child('request');
  void request.getResource(A);
  await settled();
  await vi.advanceTimersByTimeAsync(2000);
  expect(lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
    expect.stringContaining('(running factories: `B` of component `two`, `A` of component `one`)'),
  ]);
  await abandon(request);
  const stopped = failureOf(() => application.stop());
  await vi.advanceTimersByTimeAsync(60_000);
  await stopped;
});

test('an application without a logger and onError emits the warning', async () => {
  class App extends Component {}
  const application = await startApplication(App);
  onTestFinished(() => application.stop());
  const request = application.context.child('request');
  const never = new Deferred<string>();
  request.addResourceFactory(A, () => never.promise);
  for (let lookup = 0; lookup < 2; lookup++) void request.getResource(A);
  expect(await warningsOf(() => vi.advanceTimersByTimeAsync(2000))).toMatchObject([
    { code: 'ASPHALT_FACTORY_PENDING' },
  ]);
  await abandon(request);
});

test('the error of a start that exceeds its limit names the factories that have not finished', async () => {
  class Waits extends Component {
    override async start(): Promise<void> {
      await this.context.getResource(A);
    }
  }
  @component({ components: { one: NeedsB, two: NeedsA, waits: Waits } })
  class App extends Component {}
  const options: ApplicationOptions = { startTimeout: 5000, stopTimeout: 1000, logger: recordingLogger().logger };
  const { outcome, start } = await startUntilIdle(App, options);
  await vi.advanceTimersByTimeAsync(60_000);
  await start;
  const [limit] = (outcome.error as StartError).errors as [Error];
  expect(limit.message).toMatchInlineSnapshot(`
    "The application did not start within 5 s
      waiting      waits (Waits): starting for 5.0 s
      factories    \`A\` of component \`one\`, \`B\` of component \`two\`
      help         find out why these components are slow, or raise the limit: startTimeout (0 means no limit)
      code         ERR_START_TIMEOUT"
  `);
});
