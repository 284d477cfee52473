import { Component, component } from '@asphalt/core';
import { Database, SqlComponent } from '@asphalt/sql';
import { startTestApplication } from '@asphalt/testing';

@component({ components: { sql: SqlComponent } })
class DatabaseOnly extends Component {}

export interface OpenDatabase<Schema> {
  readonly db: Database<Schema>;
  close(): Promise<void>;
}

/** Opens a database file as the application does. */
export async function openDatabase<Schema>(file: string): Promise<OpenDatabase<Schema>> {
  const application = await startTestApplication(DatabaseOnly, {
    config: { components: { sql: { file, wait: '1s' } } },
  });
  const db: Database<Schema> = await application.context.getResource(Database);
  return { db, close: () => application.stop() };
}
