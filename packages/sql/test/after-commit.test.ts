/** Who receives the errors of `afterCommit`. */
import { Component, component, inject, on, startApplication, type Application } from '@asphalt/core';
import { Deferred } from '@asphalt/test-support';
import { expect, onTestFinished, test } from 'vitest';
import { Signal, provides } from '@asphalt/core';
import { afterCommit, SqlAfterCommitError, SqlComponent, Transaction } from '../src/index.ts';

class Bus {
  readonly news = new Signal<string>();
}

const broken = new Error('broken');

function failLater(transaction: Transaction): void {
  afterCommit(transaction, () => {
    throw broken;
  });
}

/** The errors that the handler's `onError` receives; set by the test. */
let handled: unknown[];
let release: Deferred;

@component({ components: { sql: SqlComponent } })
class App extends Component {
  readonly bus = new Bus();

  @provides(Bus)
  provideBus(): Bus {
    return this.bus;
  }

  @on(Bus, ({ news }) => news)
  read(_news: string, @inject(Transaction) transaction: Transaction): void {
    failLater(transaction);
  }

  @on(Bus, ({ news }) => news, {
    onError: async (error, news) => {
      await release.promise;
      handled.push([error, news]);
    },
  })
  readToo(_news: string, @inject(Transaction) transaction: Transaction): void {
    failLater(transaction);
  }
}

async function start(): Promise<{ app: Application; reported: unknown[] }> {
  const reported: unknown[] = [];
  handled = [];
  release = new Deferred();
  const app = await startApplication(App, { onError: (error) => void reported.push(error) });
  onTestFinished(() => app.stop());
  return { app, reported };
}

test('an error of afterCommit is reported once: to onError of the handler, otherwise to that of the application', async () => {
  const { app, reported } = await start();
  app.context.getResourceSync(Bus).news.dispatch('a');
  const stopped = app.stop();
  // The stop waits for `onError` of the handler.
  release.resolve();
  await stopped;
  expect(handled).toEqual([[expect.any(SqlAfterCommitError), 'a']]);
  expect(reported).toEqual([expect.objectContaining({ code: 'ERR_HANDLER', cause: expect.any(SqlAfterCommitError) })]);
});

test('an error of afterCommit does not fail a context without a handler, and the application receives it', async () => {
  const { app, reported } = await start();
  const result = await app.context.run(async (request) => {
    failLater(await request.getResource(Transaction));
    return 'done';
  });
  expect(result).toBe('done');
  expect(reported).toEqual([expect.objectContaining({ code: 'ERR_SQL_AFTER_COMMIT', cause: broken })]);
  expect((reported[0] as Error).message).toMatchInlineSnapshot(`
    "A callback of afterCommit failed
      got          broken
      note         the transaction is committed
      code         ERR_SQL_AFTER_COMMIT"
  `);
});
