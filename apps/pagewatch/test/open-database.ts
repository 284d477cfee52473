import { Component, component } from '@asphalt/core';
import { Database, SqlComponent } from '@asphalt/sql';
import { startTestApplication } from '@asphalt/testing';

@component({ components: { sql: SqlComponent } })
class DatabaseOnly extends Component {}

export interface OpenDatabase<Schema> {
  readonly db: Database<Schema>;
  close(): Promise<void>;
}

/** Opens a database as the application does. @param sql - the options that select it */
export async function openDatabase<Schema>(sql: object): Promise<OpenDatabase<Schema>> {
  const application = await startTestApplication(DatabaseOnly, {
    config: { components: { sql: { wait: '1s', ...sql } } },
  });
  const db: Database<Schema> = await application.context.getResource(Database);
  return { db, close: () => application.stop() };
}
