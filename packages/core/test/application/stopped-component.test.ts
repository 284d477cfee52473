/** The operations that a component's code can still perform after the component was stopped. */
import { Deferred, settled } from '@asphalt/test-support';
import { injectable } from 'inversify';
import { Subject } from 'rxjs';
import { containerOf } from '@asphalt/core/inversify';
import { describe, expect, test } from 'vitest';
import {
  component,
  Component,
  Context,
  ContextStateError,
  Signal,
  startApplication,
  task,
  token,
  type Application,
  type ApplicationOptions,
} from '@asphalt/core';

const Known = token<string>('Known');
const Text = token<string>('Text');

@injectable()
class Plain {}

/** The instances of {@link Piece} in the order of their construction, and their behavior. */
let parts: Piece[] = [];
let behavior: { usesContext?: boolean; start?: (part: Piece) => void } = {};

class Piece extends Component {
  constructor() {
    super();
    parts.push(this);
    if (behavior.usesContext === true) void this.context.state;
  }
  override start(): void {
    behavior.start?.(this);
  }
}
@component({ components: { part: Piece } })
class App extends Component {
  override start(): void {
    this.context.addResource(Known, 'known');
  }
}

async function started(how: typeof behavior = {}, options?: ApplicationOptions): Promise<Application> {
  parts = [];
  behavior = how;
  return startApplication(App, options);
}

/** All operations of a component's context, and their names in ContextStateError. */
const refused: Record<string, [call: (context: Context) => unknown, operation: string]> = {
  addResource: [(c) => c.addResource(Text, 'late'), 'add a resource to'],
  addResourceFactory: [(c) => c.addResourceFactory(Text, () => 'late'), 'add a factory to'],
  onTeardown: [(c) => c.onTeardown(() => undefined), 'add a teardown callback to'],
  startServiceTask: [(c) => c.startServiceTask(() => undefined, { name: 'task' }), 'start a task in'],
  startTaskGroup: [(c) => c.startTaskGroup(), 'start a task group in'],
  until: [(c) => new Subject().pipe(c.until()).subscribe(), 'subscribe until the end of'],
  child: [(c) => c.child(), 'open a child of'],
  run: [(c) => c.run(() => undefined), 'open a child of'],
  getResource: [(c) => c.getResource(Known), 'look up a resource in'],
  getResourceSync: [(c) => c.getResourceSync(Known), 'look up a resource in'],
  findResource: [(c) => c.findResource(Known), 'look up a resource in'],
  getResources: [(c) => c.getResources(Known), 'look up resources in'],
  containerOf: [(c) => containerOf(c), 'use the container of'],
  resolve: [(c) => c.resolve(Plain), 'use the container of'],
};

async function refusalOf(call: () => unknown): Promise<{ operation: string; state: string } | undefined> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof ContextStateError)) throw error;
    const { operation, state } = error;
    return { operation, state };
  }
  return undefined;
}

/** Awaits a call and closes the context that it returned, if any. */
async function settledCall(call: () => unknown): Promise<void> {
  const result = await call();
  if (result instanceof Context) await result.close();
}

describe.each(Object.entries(refused))("%s() of a component's context", (_, [call, operation]) => {
  const refusal = { operation, state: 'closed' };

  test.each([
    ['that has used its context', true],
    ['that has never used its context', false],
  ])('the call is rejected after stopComponent() of a component %s', async (_how, usesContext) => {
    const app = await started({ usesContext });
    await app.stopComponent('part');
    expect(await refusalOf(() => call(parts[0]!.context))).toEqual(refusal);
    await app.stop();
  });

  test('the call is rejected on the old instance after a restart and works on the new one', async () => {
    const app = await started();
    await app.restart('part');
    expect(await refusalOf(() => call(parts[0]!.context))).toEqual(refusal);
    await settledCall(() => call(parts[1]!.context));
    await app.restart('part');
    expect(await refusalOf(() => call(parts[1]!.context))).toEqual(refusal);
    await app.stop();
  });

  test.each([
    ['that has used its context', true],
    ['that has never used its context', false],
  ])('the call is rejected after the application has stopped, for a component %s', async (_how, usesContext) => {
    const app = await started({ usesContext });
    await app.stop();
    expect(await refusalOf(() => call(parts[0]!.context))).toEqual(refusal);
  });

  test('the call is rejected after the start of the component failed', async () => {
    const failing = started({
      start: () => {
        throw new Error('no');
      },
    });
    await expect(failing).rejects.toThrow('no');
    expect(await refusalOf(() => call(parts[0]!.context))).toEqual(refusal);
  });

  test('the call is rejected after the teardown of the component hung and was abandoned', async () => {
    const gate = new Deferred();
    const app = await started({ start: ({ context }) => context.onTeardown(() => gate.promise) }, { stopTimeout: 1 });
    await app.stopComponent('part').catch(() => undefined);
    expect(await refusalOf(() => call(parts[0]!.context))).toEqual(refusal);
    gate.resolve();
    await settled();
    expect(await refusalOf(() => call(parts[0]!.context))).toEqual(refusal);
    await app.stop().catch(() => undefined);
  });
});

test('code of a stopped component cannot publish, and the key stays free', async () => {
  const gate = new Deferred();
  const late: unknown[] = [];
  const app = await started({
    start: ({ context }) => {
      void gate.promise.then(() => context.addResource(Text, 'late')).catch((error: unknown) => late.push(error));
    },
  });
  await app.stopComponent('part');
  gate.resolve();
  await settled();
  expect(app.context.findResource(Text)).toBeUndefined();
  expect(late).toEqual([expect.any(ContextStateError)]);
  expect((late[0] as Error).message).toMatchInlineSnapshot(`
    "Cannot add a resource to context "part": it is closed
      note         the call ran after component \`part\` (Piece) was stopped, probably from a timer or an event listener
      help         stop timers and event listeners in onTeardown(), or run the work with startServiceTask()
      code         ERR_CONTEXT_STATE"
  `);
  behavior = { start: ({ context }) => context.addResource(Text, 'current') };
  await app.startComponent('part');
  expect(app.context.findResource(Text)).toBe('current');
  await app.stop();
});

test('a task abandoned at its limit cannot publish, and neither can the tasks of an abandoned group', async () => {
  const gate = new Deferred();
  const outcomes: unknown[] = [];
  class Stubborn extends Component {
    override start(): void {
      const group = this.context.startTaskGroup({ name: 'group' });
      const publish = async (): Promise<void> => {
        await gate.promise;
        for (const call of [
          () => this.context.addResource(Text, 'late'),
          () => group.startTask(() => outcomes.push('started'), { name: 'further' }),
        ]) {
          outcomes.push(await refusalOf(call));
        }
      };
      group.startTask(publish, { name: 'stubborn' });
    }
    @task() async work(): Promise<void> {
      await gate.promise;
      outcomes.push(await refusalOf(() => this.context.addResource(Text, 'late')));
    }
  }
  @component({ components: { stubborn: Stubborn } })
  class Other extends Component {}
  const app = await startApplication(Other, { stopTimeout: 1, onError: () => undefined });
  await app.stopComponent('stubborn').catch(() => undefined);
  gate.resolve();
  await settled();
  const refusal = { operation: 'add a resource to', state: 'closed' };
  expect(outcomes).toEqual([refusal, refusal, { operation: 'start a task in', state: 'closed' }]);
  expect(app.context.findResource(Text)).toBeUndefined();
  await app.stop().catch(() => undefined);
});

test('the resources of a component are withdrawn even if its teardown hangs, and the next instance can publish them', async () => {
  const gate = new Deferred();
  let starts = 0;
  const disposed: string[] = [];
  const start = ({ context }: Piece): void => {
    const value = `instance ${++starts}`;
    context.addResource(Text, value, { dispose: () => disposed.push(value) });
    if (starts === 1) context.onTeardown(() => gate.promise);
  };
  const app = await started({ start }, { stopTimeout: 1 });
  await app.stopComponent('part').catch(() => undefined);
  expect(app.context.findResource(Text)).toBeUndefined();
  await app.startComponent('part');
  expect(app.context.findResource(Text)).toBe('instance 2');
  gate.resolve();
  await settled();
  expect(disposed).toEqual(['instance 1']);
  expect(app.context.findResource(Text)).toBe('instance 2');
  await app.stop();
});

test("resourceAdded of a stopped component's context is completed", async () => {
  class Bus {
    readonly news = new Signal<string>();
  }
  const app = await started();
  await app.stopComponent('part');
  let completed = 0;
  const subscription = parts[0]!.context.resourceAdded.subscribe({ complete: () => completed++ });
  expect([completed, subscription.closed]).toEqual([1, true]);
  app.context.addResource(Bus, new Bus());
  await app.stop();
});
