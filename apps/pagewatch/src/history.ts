/**
 * The versions of the watched pages, and the difference between each version and the previous one. All state is in the
 * database. `recorded` dispatches a change after its commit (`afterCommit`). A change and its mail are committed in one transaction.
 */
import { Signal, type Context } from '@asphalt/core';
import { afterCommit, migrate, Transaction, type Database } from '@asphalt/sql';
import { PostgresAdapter, sql, type InsertQueryBuilder, type InsertResult, type Selectable } from 'kysely';
import type { Page, PageVersion } from './detector.ts';
import type { PageDiff } from './diff.ts';
import { migrations, type HistorySchema } from './history-schema.ts';
import type { Outbox, OutboxChange } from './outbox.ts';
import type { TextWork } from './text-work.ts';

/** A recorded change. */
export interface Change {
  /** Increases with every change of any page and is never reused. */
  readonly id: number;
  readonly page: Page;
  readonly at: number;
  readonly diff: PageDiff;
}

/** The activity of a page. */
export interface PageRecord {
  readonly page: Page;
  readonly changes: number;
  readonly lastChangeAt: number | undefined;
  /** The numbers of lines that the latest changes added and removed, oldest first. */
  readonly pulse: ReadonlyArray<{ readonly added: number; readonly removed: number }>;
}

export interface ChangesQuery {
  readonly page?: string | undefined;
  /** Only changes with a smaller id. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface HistorySettings {
  /** Provides the transactions. */
  readonly context: Context;
  readonly db: Database<HistorySchema>;
  readonly outbox: Outbox;
  readonly work: Pick<TextWork, 'diff'>;
}

const pulseLength = 24;

export class History {
  /** Dispatches each change after its commit. */
  readonly recorded = new Signal<Change>();
  readonly #context: Context;
  readonly #db: Database<HistorySchema>;
  readonly #outbox: Outbox;
  readonly #work: HistorySettings['work'];
  /** Cached records of pages. The cache stays valid because only this process writes to the history. */
  readonly #records = new Map<string, PageRecord>();
  /** Settles after the last transaction that has been started. */
  #written: Promise<unknown> = Promise.resolve();
  /** The number of recorded versions. */
  #recordings = 0;

  private constructor({ context, db, outbox, work }: HistorySettings) {
    this.#context = context;
    this.#db = db;
    this.#outbox = outbox;
    this.#work = work;
  }

  /** Opens the history, and creates or updates its tables. */
  static async open(settings: HistorySettings): Promise<History> {
    await migrate(settings.db, migrations);
    return new History(settings);
  }

  /** Returns the last version of a page, if it was read under this URL. */
  async latest(page: Page): Promise<StoredVersion | undefined> {
    const row = await this.#db
      .selectFrom('versions')
      .selectAll()
      .where('page', '=', page.name)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (row === undefined || row.url !== page.url) return undefined;
    return { id: row.id, text: row.text, etag: row.etag ?? undefined, lastModified: row.last_modified ?? undefined };
  }

  /**
   * Records a version, its difference from the last one and the mail about it in one transaction, and dispatches the
   * change on `recorded`. A version with the same text as the last one is not recorded again.
   *
   * @returns the change; undefined for the first version of a page and for an unchanged one
   */
  async record(version: PageVersion): Promise<Change | undefined> {
    const { page, text, at } = version;
    const before = await this.latest(page);
    if (before?.text === text) return undefined;
    // Compute the difference before the transaction, which blocks other writers.
    const diff = before && (await this.#work.diff(before.text, text));
    return this.#write(async (tx) => {
      const afterVersion = await insertVersion(version, tx);
      let change: Change | undefined;
      let hasMail = false;
      if (before !== undefined && diff !== undefined) {
        const versions = { page: page.name, at, beforeVersion: before.id, afterVersion };
        change = { id: await insertChange({ ...versions, diff }, tx), page, at, diff };
        hasMail = await this.#outbox.add(versions, tx);
      }
      afterCommit(tx, () => {
        this.#remember(page.name, change);
        if (hasMail) this.#outbox.added.ring();
        if (change !== undefined) this.recorded.dispatch(change);
      });
      return change;
    });
  }

  /** Runs one transaction at a time, so that changes are committed in the order of their ids. */
  #write<R>(write: (tx: Transaction<HistorySchema>) => Promise<R>): Promise<R> {
    const transact = (): Promise<R> =>
      this.#context.run(async (own) => write(await own.getResource(Transaction)), 'history');
    const written = this.#written.then(transact, transact);
    this.#written = written;
    return written;
  }

  /** Returns the latest changes, newest first. */
  async changes({ page, before, limit }: ChangesQuery): Promise<readonly Change[]> {
    let query = this.#changes().orderBy('changes.id', 'desc').limit(limit);
    if (page !== undefined) query = query.where('changes.page', '=', page);
    if (before !== undefined) query = query.where('changes.id', '<', before);
    return (await query.execute()).map(readChange);
  }

  /** Returns the changes after an id, oldest first. */
  async changesAfter(id: number, limit: number): Promise<readonly Change[]> {
    const rows = await this.#changes().where('changes.id', '>', id).orderBy('changes.id').limit(limit).execute();
    return rows.map(readChange);
  }

  async change(id: number): Promise<Change | undefined> {
    const row = await this.#changes().where('changes.id', '=', id).executeTakeFirst();
    return row && readChange(row);
  }

  /** Returns the id of the newest change; 0 if no change exists. */
  async newestId(): Promise<number> {
    const row = await this.#db.selectFrom('changes').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst();
    return row?.id ?? 0;
  }

  /** Returns the record of a page, even if the page is no longer watched. */
  async page(name: string): Promise<PageRecord | undefined> {
    const known = this.#records.get(name);
    if (known !== undefined) return known;
    const recordings = this.#recordings;
    const record = await this.#readPage(name);
    // Do not cache the result if a version was recorded during the query, because it may be missing.
    if (record !== undefined && recordings === this.#recordings) this.#records.set(name, record);
    return record;
  }

  async #readPage(name: string): Promise<PageRecord | undefined> {
    const page = await this.#db.selectFrom('pages').selectAll().where('name', '=', name).executeTakeFirst();
    if (page === undefined) return undefined;
    const { count } = await this.#db
      .selectFrom('changes')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('page', '=', name)
      .executeTakeFirstOrThrow();
    const latest = await this.#db
      .selectFrom('changes')
      .select(['at', 'added', 'removed'])
      .where('page', '=', name)
      .orderBy('id', 'desc')
      .limit(pulseLength)
      .execute();
    return {
      page,
      changes: Number(count),
      lastChangeAt: latest[0]?.at,
      pulse: latest.toReversed().map(({ added, removed }) => ({ added, removed })),
    };
  }

  /** Updates the cached record of a page. */
  #remember(name: string, change: Change | undefined): void {
    this.#recordings += 1;
    const record = this.#records.get(name);
    if (record === undefined) return;
    if (change === undefined) {
      this.#records.delete(name);
      return;
    }
    const { page, at, diff } = change;
    const pulse = [...record.pulse, { added: diff.added, removed: diff.removed }].slice(-pulseLength);
    this.#records.set(name, { page, changes: record.changes + 1, lastChangeAt: at, pulse });
  }

  #changes() {
    return this.#db
      .selectFrom('changes')
      .innerJoin('pages', 'pages.name', 'changes.page')
      .select(['changes.id', 'changes.at', 'changes.diff', 'pages.name', 'pages.url', 'pages.title']);
  }
}

/** A recorded version, from which a detector continues. */
export interface StoredVersion extends Pick<PageVersion, 'text' | 'etag' | 'lastModified'> {
  readonly id: number;
}

async function insertVersion(
  { page, text, etag, lastModified, at }: PageVersion,
  tx: Transaction<HistorySchema>,
): Promise<number> {
  const { name, url, title } = page;
  const { numUpdatedRows } = await tx
    .updateTable('pages')
    .set({ url, title })
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) await tx.insertInto('pages').values({ name, url, title }).execute();
  const row = { page: name, url, at, text, etag: etag ?? null, last_modified: lastModified ?? null };
  return insertedId(tx.insertInto('versions').values(row), tx);
}

async function insertChange(
  { page, at, beforeVersion, afterVersion, diff }: OutboxChange & { readonly diff: PageDiff },
  tx: Transaction<HistorySchema>,
): Promise<number> {
  const { added, removed } = diff;
  const row = {
    page,
    at,
    before_version: beforeVersion,
    after_version: afterVersion,
    added,
    removed,
    diff: JSON.stringify(diff),
  };
  return insertedId(tx.insertInto('changes').values(row), tx);
}

/** Inserts a row. PostgreSQL returns its id as a row, and the other databases with the result. */
async function insertedId<Table extends 'versions' | 'changes'>(
  insert: InsertQueryBuilder<HistorySchema, Table, InsertResult>,
  tx: Transaction<HistorySchema>,
): Promise<number> {
  if (!(tx.getExecutor().adapter instanceof PostgresAdapter))
    return Number((await insert.executeTakeFirstOrThrow()).insertId);
  const { id } = await insert.returning(sql<number>`id`.as('id')).executeTakeFirstOrThrow();
  return id;
}

type ChangeRow = Pick<Selectable<HistorySchema['changes']>, 'id' | 'at' | 'diff'> & Page;

function readChange({ id, at, diff, name, url, title }: ChangeRow): Change {
  return { id, at, page: { name, url, title }, diff: JSON.parse(diff) as PageDiff };
}
