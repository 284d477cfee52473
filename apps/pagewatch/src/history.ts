/**
 * Everything that the watched pages ever said: each version, and between every two neighbours their difference. The
 * database is the only memory; what is published on `recorded` is committed already.
 */
import { Signal } from '@asphalt/core';
import { migrate, type Database, type Transaction } from '@asphalt/sql';
import type { Selectable } from 'kysely';
import type { Page, PageVersion } from './detector.ts';
import { diffTexts, type PageDiff } from './diff.ts';
import { migrations, type HistorySchema } from './history-schema.ts';

/** A change as it is kept. */
export interface Change {
  /** Grows with every change of any page and is never given twice. */
  readonly id: number;
  readonly page: Page;
  readonly at: number;
  readonly diff: PageDiff;
}

/** How much has happened on a page. */
export interface PageRecord {
  readonly page: Page;
  readonly changes: number;
  readonly lastChangeAt: number | undefined;
  /** How many lines the latest changes added and removed, the oldest first. */
  readonly pulse: ReadonlyArray<{ readonly added: number; readonly removed: number }>;
}

export interface ChangesQuery {
  readonly page?: string | undefined;
  /** Only changes with a smaller id. */
  readonly before?: number | undefined;
  readonly limit: number;
}

const pulseLength = 24;

export class History {
  /** A change was committed. */
  readonly recorded = new Signal<Change>();

  constructor(private readonly db: Database<HistorySchema>) {}

  /** Makes or updates the tables. */
  static async open(db: Database<HistorySchema>): Promise<History> {
    await migrate(db, migrations);
    return new History(db);
  }

  /** What a page said last, if it was read under this URL before. */
  async latest(page: Page, db: Database<HistorySchema> = this.db): Promise<StoredVersion | undefined> {
    const row = await db
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
   * Keeps a version, and its difference from what was kept last; a version that says the same again is not kept.
   *
   * @returns the change; announce it on `recorded` when the transaction is committed
   */
  async record(
    { page, text, etag, lastModified, at }: PageVersion,
    tx: Transaction<HistorySchema>,
  ): Promise<Change | undefined> {
    const { name, url, title } = page;
    const before = await this.latest(page, tx);
    if (before?.text === text) return undefined;
    await tx
      .insertInto('pages')
      .values({ name, url, title })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ url, title }))
      .execute();
    const version = await tx
      .insertInto('versions')
      .values({ page: name, url, at, text, etag: etag ?? null, last_modified: lastModified ?? null })
      .returning('id')
      .executeTakeFirstOrThrow();
    if (before === undefined) return undefined;

    const diff = diffTexts(before.text, text);
    const { added, removed } = diff;
    const { id } = await tx
      .insertInto('changes')
      .values({
        page: name,
        at,
        before_version: before.id,
        after_version: version.id,
        added,
        removed,
        diff: JSON.stringify(diff),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    return { id, page, at, diff };
  }

  /** The latest changes, the newest first. */
  async changes({ page, before, limit }: ChangesQuery): Promise<readonly Change[]> {
    let query = this.#changes().orderBy('changes.id', 'desc').limit(limit);
    if (page !== undefined) query = query.where('changes.page', '=', page);
    if (before !== undefined) query = query.where('changes.id', '<', before);
    return (await query.execute()).map(readChange);
  }

  /** The changes that came after one, the oldest first. */
  async changesAfter(id: number, limit: number): Promise<readonly Change[]> {
    const rows = await this.#changes().where('changes.id', '>', id).orderBy('changes.id').limit(limit).execute();
    return rows.map(readChange);
  }

  async change(id: number): Promise<Change | undefined> {
    const row = await this.#changes().where('changes.id', '=', id).executeTakeFirst();
    return row && readChange(row);
  }

  /** The id of the newest change, 0 before the first. */
  async newestId(): Promise<number> {
    const row = await this.db.selectFrom('changes').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst();
    return row?.id ?? 0;
  }

  /** What is known of a page, also of one that is not watched any more. */
  async page(name: string): Promise<PageRecord | undefined> {
    const page = await this.db.selectFrom('pages').selectAll().where('name', '=', name).executeTakeFirst();
    if (page === undefined) return undefined;
    const { count } = await this.db
      .selectFrom('changes')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('page', '=', name)
      .executeTakeFirstOrThrow();
    const latest = await this.db
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

  #changes() {
    return this.db
      .selectFrom('changes')
      .innerJoin('pages', 'pages.name', 'changes.page')
      .select(['changes.id', 'changes.at', 'changes.diff', 'pages.name', 'pages.url', 'pages.title']);
  }
}

/** A kept version: what a detector goes on from. */
export interface StoredVersion extends Pick<PageVersion, 'text' | 'etag' | 'lastModified'> {
  readonly id: number;
}

type ChangeRow = Pick<Selectable<HistorySchema['changes']>, 'id' | 'at' | 'diff'> & Page;

function readChange({ id, at, diff, name, url, title }: ChangeRow): Change {
  return { id, at, page: { name, url, title }, diff: JSON.parse(diff) as PageDiff };
}
