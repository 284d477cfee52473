/** The tables of the history. Times are milliseconds since 1970. */
import { MysqlAdapter, PostgresAdapter, sql, type Generated, type Kysely, type Migration } from 'kysely';

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

/** The types of columns, which the databases name differently. */
function typesFor(db: Kysely<unknown>) {
  const { adapter } = db.getExecutor();
  const isMariadb = adapter instanceof MysqlAdapter;
  return {
    /** A number from 1 that is never reused: browsers request all changes after an id. */
    id:
      adapter instanceof PostgresAdapter
        ? sql`serial primary key`
        : sql`integer primary key ${sql.raw(isMariadb ? 'auto_increment' : 'autoincrement')}`,
    /** A key of up to 255 characters, compared by code points. */
    name: isMariadb ? sql`varchar(255) collate utf8mb4_bin` : sql`text`,
    /** A text of any length. */
    text: isMariadb ? sql`longtext collate utf8mb4_bin` : sql`text`,
    /** Milliseconds since 1970, which exceed the integers of servers. All drivers read such a number as a number. */
    time: adapter instanceof PostgresAdapter || isMariadb ? sql`double precision` : sql`integer`,
  };
}

export const migrations: Readonly<Record<string, Migration>> = {
  '0001_history': {
    async up(db) {
      const { id, name, text, time } = typesFor(db);
      await db.schema
        .createTable('pages')
        .addColumn('name', name, (column) => column.primaryKey())
        .addColumn('url', text, (column) => column.notNull())
        .addColumn('title', text, (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('versions')
        .addColumn('id', id)
        .addColumn('page', name, (column) => column.notNull().references('pages.name'))
        .addColumn('url', text, (column) => column.notNull())
        .addColumn('at', time, (column) => column.notNull())
        .addColumn('text', text, (column) => column.notNull())
        .addColumn('etag', text)
        .addColumn('last_modified', text)
        .execute();
      await db.schema
        .createTable('changes')
        .addColumn('id', id)
        .addColumn('page', name, (column) => column.notNull().references('pages.name'))
        .addColumn('at', time, (column) => column.notNull())
        .addColumn('before_version', 'integer', (column) => column.notNull().references('versions.id'))
        .addColumn('after_version', 'integer', (column) => column.notNull().references('versions.id'))
        .addColumn('added', 'integer', (column) => column.notNull())
        .addColumn('removed', 'integer', (column) => column.notNull())
        .addColumn('diff', text, (column) => column.notNull())
        .execute();
      await db.schema.createIndex('versions_of_page').on('versions').columns(['page', 'id']).execute();
      await db.schema.createIndex('changes_of_page').on('changes').columns(['page', 'id']).execute();
    },
  },
  '0002_mail': {
    async up(db) {
      const { id, name, text, time } = typesFor(db);
      await db.schema
        .createTable('mail')
        .addColumn('id', id)
        .addColumn('page', name, (column) => column.notNull().references('pages.name'))
        .addColumn('message_id', text, (column) => column.notNull())
        .addColumn('before_version', 'integer', (column) => column.notNull().references('versions.id'))
        .addColumn('after_version', 'integer', (column) => column.notNull().references('versions.id'))
        .addColumn('changes', 'integer', (column) => column.notNull())
        .addColumn('at', time, (column) => column.notNull())
        .addColumn('state', name, (column) => column.notNull())
        .addColumn('attempts', 'integer', (column) => column.notNull())
        .addColumn('retry_at', time, (column) => column.notNull())
        .addColumn('settled_at', time)
        .addColumn('error', text)
        .execute();
      await db.schema.createIndex('mail_of_page').on('mail').columns(['page', 'state', 'id']).execute();
      await db.schema.createIndex('mail_by_state').on('mail').columns(['state', 'id']).execute();
    },
  },
};
