import { Component, component, type Context } from '@asphalt/core';
import { Database, SqlComponent } from '@asphalt/sql';
import { startTestApplication } from '@asphalt/testing';

@component({ components: { sql: SqlComponent } })
class DatabaseOnly extends Component {}

export interface OpenDatabase<Schema> {
  readonly context: Context;
  readonly db: Database<Schema>;
  close(): Promise<void>;
}

/** Opens a database as the application does. @param sql - the options that select it */
export async function openDatabase<Schema>(sql: object): Promise<OpenDatabase<Schema>> {
  const application = await startTestApplication(DatabaseOnly, {
    config: { components: { sql: { wait: '1s', ...sql } } },
  });
  const { context } = application;
  const db: Database<Schema> = await context.getResource(Database);
  return { context, db, close: () => application.stop() };
}
