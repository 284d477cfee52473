import { request } from 'node:http';
import { Component, component, inject, startApplication } from '@asphalt/core';
import { Deferred } from '@asphalt/test-support';
import { postgresServer } from '@asphalt/testing/servers';
import { needs, requestContext, WebApp, WebComponent } from '@asphalt/web';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Database, SqlComponent, Transaction } from '../../src/index.ts';
import { urls, type Schema, missing } from './sql-app.ts';

const pageNeeds = needs({ tx: Transaction });
const entered = new Map<string, Deferred>();

@component({ components: { sql: SqlComponent, web: WebComponent }, lookups: [pageNeeds] })
class Api extends Component {
  @inject(WebApp) readonly web!: WebApp;
  @inject(Database) readonly db!: Database<Schema>;

  override async start(): Promise<void> {
    await this.db.schema.createTable('page').addColumn('url', 'text').addColumn('hits', 'integer').execute();
    this.web.post('/pages/:url', pageNeeds, async (c) => {
      const url = c.req.param('url');
      const context = requestContext(c);
      await c.var.tx.insertInto('page').values({ url, hits: 0 }).execute();
      entered.get(url)!.resolve();
      await new Promise((resolve) => context.abort.addEventListener('abort', resolve));
      if (url === 'strict') context.abort.throwIfAborted();
      return c.text('done');
    });
  }
}

test.skipIf(missing)(
  `${missing || 'a client that leaves lets the handler commit, unless the handler throws'}`,
  async () => {
    const server = await postgresServer();
    onTestFinished(() => server.stop());
    const config = { components: { sql: { url: server.url, pool: { max: 1 } }, web: { port: 0 } } };
    const app = await startApplication(Api, { config });
    onTestFinished(() => app.stop());
    const { url } = app.context.getResourceSync(WebApp);
    const db: Database<Schema> = app.context.getResourceSync(Database);
    for (const name of ['strict', 'kept']) {
      const reached = new Deferred();
      entered.set(name, reached);
      const leaving = request(new URL(`/pages/${name}`, url), { method: 'POST' });
      leaving.on('error', () => undefined).end();
      await reached.promise;
      leaving.destroy();
      // The pool has one connection, so this waits until the transaction has ended.
      await vi.waitFor(() => db.selectFrom('page').selectAll().execute());
    }
    expect(await urls(db)).toEqual(['kept']);
  },
);
