/** The tables of the history. Times are milliseconds since 1970. */
import type { Generated, Migration } from 'kysely';

export interface HistorySchema {
  pages: { name: string; url: string; title: string };
  versions: {
    id: Generated<number>;
    page: string;
    /** The page's URL at that time. With a new URL, a page starts without a previous version. */
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
  /** Mails about changes: waiting ones, the latest sent one of each page, and failed ones. */
  mail: {
    id: Generated<number>;
    page: string;
    /** The `Message-ID` header. It stays the same if a crash causes a mail to be sent twice. */
    message_id: string;
    /** The mail shows the difference between these two versions. */
    before_version: number;
    after_version: number;
    /** The number of changes in the mail, and the time of the last one. */
    changes: number;
    at: number;
    state: 'waiting' | 'sent' | 'failed';
    /** The number of attempts to send the mail. After the first attempt has started, its content is fixed. */
    attempts: number;
    /** The earliest time of the next attempt. */
    retry_at: number;
    settled_at: number | null;
    error: string | null;
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
        // Ids must never be reused: browsers request all changes after an id.
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
  '0002_mail': {
    async up(db) {
      await db.schema
        .createTable('mail')
        .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('page', 'text', (column) => column.notNull().references('pages.name'))
        .addColumn('message_id', 'text', (column) => column.notNull())
        .addColumn('before_version', 'integer', (column) => column.notNull().references('versions.id'))
        .addColumn('after_version', 'integer', (column) => column.notNull().references('versions.id'))
        .addColumn('changes', 'integer', (column) => column.notNull())
        .addColumn('at', 'integer', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('attempts', 'integer', (column) => column.notNull())
        .addColumn('retry_at', 'integer', (column) => column.notNull())
        .addColumn('settled_at', 'integer')
        .addColumn('error', 'text')
        .execute();
      await db.schema.createIndex('mail_of_page').on('mail').columns(['page', 'state', 'id']).execute();
      await db.schema.createIndex('mail_by_state').on('mail').columns(['state', 'id']).execute();
    },
  },
};
