import { errorOf, recordingLogger, settled, warningsOf } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import {
  Application,
  Component,
  Context,
  on,
  provides,
  Signal,
  silentLogger,
  startApplication,
  task,
} from '@asphalt/core';
import { UnhandledFailuresError } from '@asphalt/core/errors';
import { planApplication } from '@asphalt/core/inspect';

describe('failures that no caller receives', () => {
  class Feed {
    readonly told = new Signal<string>();
  }
  class Listening extends Component {
    @provides(Feed) feed(): Feed {
      return new Feed();
    }
    @on(Feed, (feed) => feed.told)
    hear(): void {
      throw new Error('cannot hear');
    }
  }
  class Crashing extends Component {
    @task() async work(): Promise<void> {
      await Promise.resolve();
      throw new Error('cannot work');
    }
  }

  test('without onError and a logger, a failing handler is a warning, and stop() rejects', async () => {
    const app = await startApplication(Listening);
    let failure: unknown;
    const warnings = await warningsOf(async () => {
      app.context.getResourceSync(Feed).told.dispatch('event');
      failure = await errorOf(() => app.stop());
    });
    expect(warnings).toMatchObject([
      { code: 'ASPHALT_UNHANDLED_FAILURE', message: expect.stringContaining('cannot hear') },
    ]);
    expect(failure).toBeInstanceOf(UnhandledFailuresError);
    expect((failure as Error).message).toMatchInlineSnapshot(`
      "1 failure without a receiver while the application ran
        1. \`hear()\` of the root component (Listening) failed to handle an event: Error: cannot hear
             code         ERR_HANDLER
        help         receive such failures: pass onError or a logger to startApplication()
        code         ERR_UNHANDLED_FAILURES"
    `);
    expect(app.exitCode).toBe(1);
  });

  test('stop() reports failing teardowns and failing handlers together', async () => {
    class Sticky extends Listening {
      override start(): void {
        this.context.onTeardown(() => {
          throw new Error('stuck');
        });
      }
    }
    const app = await startApplication(Sticky);
    let failure: unknown;
    await warningsOf(async () => {
      app.context.getResourceSync(Feed).told.dispatch('event');
      failure = await errorOf(() => app.stop());
    });
    expect(failure).toMatchObject({
      code: 'ERR_STOP',
      errors: [{ error: { message: 'stuck' } }, { error: { code: 'ERR_UNHANDLED_FAILURES' } }],
    });
  });

  test('a logger receives the failures, and the stop succeeds', async () => {
    const { logger, lines } = recordingLogger();
    const app = await startApplication(Listening, { logger });
    const warnings = await warningsOf(async () => {
      app.context.getResourceSync(Feed).told.dispatch('event');
      await app.stop();
    });
    expect([warnings, lines.map(({ level }) => level), app.exitCode]).toEqual([[], ['error'], 0]);
  });

  test('the silent logger discards failures', async () => {
    const app = await startApplication(Listening, { logger: silentLogger });
    const warnings = await warningsOf(async () => {
      app.context.getResourceSync(Feed).told.dispatch('event');
      await app.stop();
    });
    expect(warnings).toEqual([]);
  });

  test('stop() rejects with the error of a crash if `finished` is never read, and the error is a warning', async () => {
    const app = await startApplication(Crashing);
    let failure: unknown;
    const warnings = await warningsOf(async () => {
      await settled();
      failure = await errorOf(() => app.stop());
    });
    expect(failure).toMatchObject({ code: 'ERR_TASK_CRASHED' });
    expect(warnings).toMatchObject([{ message: expect.stringContaining('cannot work') }]);
    expect(app.exitCode).toBe(1);
  });

  test('onError receives the error of a crash if `finished` is never read', async () => {
    const errors: unknown[] = [];
    const app = await startApplication(Crashing, { onError: (error) => errors.push(error) });
    await settled();
    expect(await errorOf(() => app.stop())).toMatchObject({ code: 'ERR_TASK_CRASHED' });
    expect(errors).toMatchObject([{ code: 'ERR_TASK_CRASHED' }]);
  });

  test('a reader of `finished` receives the error of a crash, and stop() resolves', async () => {
    const app = new Application(await planApplication(Crashing));
    const failure = errorOf(app.finished);
    const warnings = await warningsOf(async () => {
      await app.start();
      expect(await failure).toMatchObject({ code: 'ERR_TASK_CRASHED' });
      await app.stop();
    });
    expect(warnings).toEqual([]);
  });

  test.each([
    ['throws', false],
    ['rejects', true],
  ])('an onError function that %s ends the application, and the reported error is logged', async (_, isAsync) => {
    const { logger, lines } = recordingLogger();
    const onError = (): unknown => {
      const failure = new Error('cannot report errors either');
      if (isAsync) return Promise.reject(failure);
      throw failure;
    };
    const app = await startApplication(Listening, { logger, onError });
    const ended = errorOf(app.finished);
    app.context.getResourceSync(Feed).told.dispatch('event');
    expect(await ended).toMatchObject({ message: 'cannot report errors either' });
    expect(lines.map(({ message }) => message)).toEqual([expect.stringContaining('cannot hear')]);
  });

  test('an onError function that throws the reported error, or an error with that cause, logs nothing', async () => {
    const { logger, lines } = recordingLogger();
    const onError = (error: unknown): never => {
      throw new Error('fatal', { cause: error });
    };
    const app = await startApplication(Listening, { logger, onError });
    const ended = errorOf(app.finished);
    app.context.getResourceSync(Feed).told.dispatch('event');
    expect(await ended).toMatchObject({ message: 'fatal', cause: { code: 'ERR_HANDLER' } });
    expect(lines).toEqual([]);
  });
});

describe('Context.report()', () => {
  test('emits a process warning outside of an application', async () => {
    const warnings = await warningsOf(() =>
      Context.run((context) => context.run((below) => below.report(new Error('late')))),
    );
    expect(warnings).toMatchObject([{ code: 'ASPHALT_UNHANDLED_FAILURE', message: expect.stringContaining('late') }]);
  });

  test('calls onError of the application, and the context still ends with its result', async () => {
    class Empty extends Component {}
    const reported: unknown[] = [];
    await using app = await startApplication(Empty, { onError: (error) => void reported.push(error) });
    const late = new Error('late');
    expect(await app.context.run((context) => context.run((below) => (below.report(late), 'done')))).toBe('done');
    expect(reported).toEqual([late]);
  });

  test('calls onError of the handler whose event the context belongs to, and the stop waits for it', async () => {
    class Feed {
      readonly told = new Signal<string>();
    }
    const handled: unknown[] = [];
    class Listening extends Component {
      @provides(Feed) feed(): Feed {
        return new Feed();
      }
      @on(Feed, (feed) => feed.told, {
        onError: async (error, event) => {
          await settled();
          handled.push([error, event]);
        },
      })
      async hear(event: string, own: Context): Promise<void> {
        await own.run((below) => below.report(new Error(event)));
      }
    }
    const reported: unknown[] = [];
    const app = await startApplication(Listening, { onError: (error) => void reported.push(error) });
    app.context.getResourceSync(Feed).told.dispatch('late');
    await app.stop();
    expect(handled).toEqual([[new Error('late'), 'late']]);
    expect(reported).toEqual([]);
  });
});
