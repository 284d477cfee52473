import { Component, component, startApplication } from '@asphalt/core';
import type { CallTrace } from '@asphalt/core/tracing';
import { recordTraces } from '@asphalt/test-support';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { SqlComponent, Database, Transaction } from '../src/index.ts';
import { tempFile } from './temp-database.ts';

@component({ components: { sql: SqlComponent } })
class App extends Component {}

test('statements are published without parameters, with the context of their transaction', async () => {
  const application = await startApplication(App, { config: { components: { sql: { file: tempFile() } } } });
  onTestFinished(() => application.stop());
  const { seen, unsubscribe } = recordTraces<CallTrace>('asphalt.call');
  onTestFinished(unsubscribe);
  const db = application.context.getResourceSync(Database);
  await db.schema.createTable('page').addColumn('url', 'text').execute();
  await application.context.run(async (context) => {
    const transaction = await context.getResource(Transaction);
    await transaction.insertInto('page').values({ url: 'secret' }).execute();
    await sql`select ${'secret'} as url`.execute(transaction);
  }, 'request');
  await expect(db.selectFrom('missing').selectAll().execute()).rejects.toThrow('no such table');
  const calls = new Set(seen.map(([, message]) => message));
  expect(
    Array.from(calls, ({ kind, target, operation, context, error }) => [
      `${kind} ${target} ${operation}`,
      context?.name,
      error === undefined,
    ]),
  ).toEqual([
    ['sql sql create', undefined, true],
    ['sql sql begin', undefined, true],
    ['sql sql insert', 'request', true],
    ['sql sql select', 'request', true],
    ['sql sql commit', undefined, true],
    ['sql sql select', undefined, false],
  ]);
  expect(Array.from(calls, (call) => Object.values({ ...call, context: '', error: '' }).join())).not.toContain(
    'secret',
  );
});
