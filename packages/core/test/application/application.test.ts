import { Deferred, errorOf, settled } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import {
  Application,
  component,
  Component,
  defineConfig,
  inject,
  on,
  PlanError,
  provides,
  Signal,
  startApplication,
  StopError,
  task,
  token,
  type Context,
  type LifecycleEvent,
} from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import { Journal } from './journal.ts';

const A = token<string>('A');

test('the constructor throws PlanError for a plan with problems', async () => {
  class Needy extends Component {
    @inject(A) readonly a!: string;
  }
  const plan = await planApplication(Needy);
  expect(() => new Application(plan)).toThrow(PlanError);
});

test('its time limits include the defaults', async () => {
  const plan = await planApplication(class extends Component {});
  expect(new Application(plan).limits).toEqual({ startTimeout: 20_000, stopTimeout: 10_000 });
  expect(new Application(plan, { stopTimeout: 0 }).limits).toMatchObject({ stopTimeout: 0 });
});

describe('Application as a resource', () => {
  test('a component can inject the application and stop it with an exit code', async () => {
    const heard: string[] = [];
    class Watch extends Component {
      @inject(Application) readonly application!: Application;

      @on(Application, ({ lifecycle }) => lifecycle)
      hear(event: LifecycleEvent): void {
        if (event.type === 'application') heard.push(event.state);
      }

      @task()
      async end(): Promise<void> {
        await settled();
        void this.application.stop(3);
      }
    }
    const plan = await planApplication(Watch);
    expect(plan.problems).toEqual([]);
    const app = new Application(plan);
    await app.start();
    await app.finished;
    expect(app.exitCode).toBe(3);
    expect(heard).toEqual(['started', 'stopping']);
  });

  test('the application is provided under the default name only', async () => {
    class Lost extends Component {
      @inject(Application, 'other') readonly application!: Application;
    }
    const { problems } = await planApplication(Lost);
    expect(problems.map(({ code }) => code)).toEqual(['ERR_PROVIDER_MISSING']);
  });
});

describe('a task', () => {
  test('a task runs from ready until the stop and receives an abort signal and its own context', async () => {
    const journal = new Journal();
    class Worker extends Component {
      override async ready(): Promise<void> {
        journal.push('ready');
        await settled();
      }
      @task()
      async work(abort: AbortSignal, context: Context): Promise<void> {
        journal.push(`work in ${context.name}`);
        await new Promise((resolve) => abort.addEventListener('abort', resolve));
        journal.push(`aborted, ${context.state}`);
      }
      @task({ name: 'by name' })
      async other(@inject(A) a: string, _abort: AbortSignal, context: Context): Promise<void> {
        journal.push(`${a} in ${context.name}`);
      }
      @provides(A) a(): string {
        return 'a';
      }
    }
    @component({ components: { worker: Worker } })
    class App extends Component {}
    const app = await startApplication(App);
    expect(journal.take()).toEqual(['ready', 'work in worker.work', 'a in by name']);
    await app.stop();
    expect(journal.take()).toEqual(['aborted, open']);
  });

  test('a task that throws the reason of its abort signal ends without an error', async () => {
    class Worker extends Component {
      @task()
      async work(abort: AbortSignal): Promise<void> {
        await new Promise((_, reject) => {
          abort.addEventListener('abort', () => reject(abort.reason as Error));
        });
      }
    }
    const app = await startApplication(Worker);
    await app.stop();
    await app.finished;
  });

  test('a task that crashes ends the application, and every teardown receives the error', async () => {
    const journal = new Journal();
    const gate = new Deferred();
    class Worker extends Component {
      @task()
      async work(): Promise<void> {
        await gate.promise;
      }
    }
    @component({ components: { worker: Worker, other: journal.component('other') } })
    class App extends Component {}
    const app = await startApplication(App);
    journal.take();
    gate.reject(new Error('crash'));
    const failure = await errorOf(() => app.finished);
    expect(failure).toMatchObject({ code: 'ERR_TASK_CRASHED', task: 'worker.work', cause: { message: 'crash' } });
    expect(app.state).toBe('stopped');
    expect(journal).toEqual(
      ['undo other ready', 'undo other start', 'undo other prepare', 'other gone'].map(
        (line) => `${line} (Task "worker.work" failed: Error: crash)`,
      ),
    );
  });

  test('a task of a ready() hook that crashes while other components become ready aborts the start', async () => {
    const journal = new Journal();
    class Worker extends Component {
      @provides(A) a(): string {
        return 'a';
      }
      override ready(): void {
        this.context.startServiceTask(() => Promise.reject(new Error('crash')), { name: 'work' });
      }
    }
    class Slow extends Component {
      @inject(A) readonly a!: string;
      override async ready(abort: AbortSignal): Promise<void> {
        await new Promise((_, reject) => {
          abort.addEventListener('abort', () => reject(abort.reason as Error));
        });
      }
    }
    @component({ components: { slow: Slow, worker: Worker, other: journal.component('other') } })
    class App extends Component {}
    const app = new Application(await planApplication(App));
    const failure = await errorOf(() => app.start());
    expect(failure).toMatchObject({ code: 'ERR_TASK_CRASHED' });
    expect(app.state).toBe('stopped');
    await expect(app.finished).rejects.toBe(failure);
  });

  test.each(['the context of an event', 'the context of the application', 'the context of the component'])(
    'a task started in %s ends the application when it crashes',
    async (where) => {
      class Feed {
        readonly told = new Signal<string>();
      }
      const crash = (context: Context): void =>
        void context.startServiceTask(
          async () => {
            await settled();
            throw new Error('crash');
          },
          { name: 'explicit' },
        );
      class App extends Component {
        @provides(Feed) feed(): Feed {
          return new Feed();
        }
        @on(Feed, (feed) => feed.told)
        async hear(_event: string, context: Context): Promise<void> {
          if (where === 'the context of an event') crash(context);
          await settled();
        }
        override ready(): void {
          if (where === 'the context of the component') crash(this.context);
        }
      }
      const app = await startApplication(App);
      if (where === 'the context of the application') crash(app.context);
      app.context.findResource(Feed)?.told.dispatch('event');
      await expect(app.finished).rejects.toMatchObject({ code: 'ERR_TASK_CRASHED', task: 'explicit' });
    },
  );

  test('the crash of a second task is reported', async () => {
    const gate = new Deferred();
    class Worker extends Component {
      @task() async one(): Promise<void> {
        await gate.promise;
      }
      @task() async two(): Promise<void> {
        await gate.promise;
      }
    }
    const reported: unknown[] = [];
    const app = await startApplication(Worker, { onError: (error) => reported.push(error) });
    gate.reject(new Error('crash'));
    const first = await errorOf(() => app.finished);
    expect(first).toMatchObject({ task: 'Worker.one' });
    await settled();
    expect(reported).toHaveLength(1);
    expect(reported[0]).toBeInstanceOf(StopError);
    expect((reported[0] as StopError).errors).toMatchObject([{ error: { task: 'Worker.two' } }]);
    expect((reported[0] as StopError).endedBy).toBe(first);
  });
});

test('the options of the root and its children are passed together and kept apart', async () => {
  const config = defineConfig({ size: { doc: 'Size', format: 'int', default: 1 } });
  const Size = token<string>('Size');
  @component({ config })
  class Leaf extends Component<typeof config> {
    @provides(A) a(): string {
      return `${this.config.size}`;
    }
  }
  @component({ config, components: { leaf: Leaf } })
  class App extends Component<typeof config> {
    @provides(Size) size(): string {
      return `${this.config.size}`;
    }
  }
  const given = { size: 2, components: { leaf: { size: 3 } } };
  await using app = await startApplication(App, { config: given });
  expect(app.context.getResourceSync(A)).toBe('3');
  expect(app.context.getResourceSync(Size)).toBe('2');
  expect(given).toEqual({ size: 2, components: { leaf: { size: 3 } } });
});

test('two applications of one class share no state', async () => {
  class Counter extends Component {
    #count = 0;
    @provides(A, { scope: 'context' }) a(): string {
      return `${++this.#count}`;
    }
  }
  await using one = await startApplication(Counter);
  await using two = await startApplication(Counter);
  const next = (app: Application): Promise<string> => app.context.run((context) => context.getResource(A));
  expect([await next(one), await next(one), await next(two)]).toEqual(['1', '2', '1']);
});

test('one plan can be started several times', async () => {
  const journal = new Journal();
  const plan = await planApplication(journal.component('it'));
  for (let round = 0; round < 2; round++) {
    const app = new Application(plan);
    await app.start();
    await app.stop();
  }
  expect(journal.filter((line) => line === 'it start')).toHaveLength(2);
  expect(journal.filter((line) => line === 'undo it start')).toHaveLength(2);
});
