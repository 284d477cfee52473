/** The tables of the history. Times are milliseconds since 1970. */
import type { Generated, Migration } from 'kysely';

export interface HistorySchema {
  pages: { name: string; url: string; title: string };
  versions: {
    id: Generated<number>;
    page: string;
    /** The page's URL at that time: under a new one, a page begins anew. */
    url: string;
    at: number;
    text: string;
    etag: string | null;
    last_modified: string | null;
  };
  changes: {
    id: Generated<number>;
    page: string;
    at: number;
    before_version: number;
    after_version: number;
    added: number;
    removed: number;
    /** A `PageDiff` as JSON. */
    diff: string;
  };
}

export const migrations: Readonly<Record<string, Migration>> = {
  '0001_history': {
    async up(db) {
      await db.schema
        .createTable('pages')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('url', 'text', (column) => column.notNull())
        .addColumn('title', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('versions')
        .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('page', 'text', (column) => column.notNull().references('pages.name'))
        .addColumn('url', 'text', (column) => column.notNull())
        .addColumn('at', 'integer', (column) => column.notNull())
        .addColumn('text', 'text', (column) => column.notNull())
        .addColumn('etag', 'text')
        .addColumn('last_modified', 'text')
        .execute();
      await db.schema
        .createTable('changes')
        // Numbers that are never used again: browsers ask for "everything after".
        .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('page', 'text', (column) => column.notNull().references('pages.name'))
        .addColumn('at', 'integer', (column) => column.notNull())
        .addColumn('before_version', 'integer', (column) => column.notNull().references('versions.id'))
        .addColumn('after_version', 'integer', (column) => column.notNull().references('versions.id'))
        .addColumn('added', 'integer', (column) => column.notNull())
        .addColumn('removed', 'integer', (column) => column.notNull())
        .addColumn('diff', 'text', (column) => column.notNull())
        .execute();
      await db.schema.createIndex('versions_of_page').on('versions').columns(['page', 'id']).execute();
      await db.schema.createIndex('changes_of_page').on('changes').columns(['page', 'id']).execute();
    },
  },
};
