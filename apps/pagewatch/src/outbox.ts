/**
 * The outgoing mails, as rows in the database. A change and its mail are committed together, so a crash cannot separate
 * them. The outbox lists due mails and records outcomes; `MailSender` sends the mails.
 *
 * Changes of a page are added to its waiting mail until the first attempt to send that mail. Its content is then fixed,
 * because the server may have received it, and further changes start the next mail. The next mail waits until the earlier
 * one has been sent or has failed.
 */
import { randomUUID } from 'node:crypto';
import type { Database, Transaction } from '@asphalt/sql';
import { retryPauseMs } from './back-off.ts';
import { Bell } from './bell.ts';
import type { Page } from './detector.ts';
import type { HistorySchema } from './history-schema.ts';

/** A change to send by mail. */
export interface OutboxChange {
  readonly page: string;
  readonly at: number;
  readonly beforeVersion: number;
  readonly afterVersion: number;
}

/** A mail that is about to be sent. */
export interface OutboxMail {
  readonly id: number;
  readonly page: Page;
  readonly messageId: string;
  readonly before: string;
  readonly after: string;
  readonly changes: number;
  readonly at: number;
  readonly attempts: number;
}

export interface PendingMail {
  readonly id: number;
  /** The time of the next attempt, in milliseconds since 1970. */
  readonly dueAt: number;
  readonly attempts: number;
}

const longestPauseMs = 600_000;

export class Outbox {
  /** Rings after a mail has been added, but not for changes that are added to a waiting mail. */
  readonly added = new Bell();

  constructor(private readonly db: Database<HistorySchema>) {}

  /**
   * Adds a change to the waiting mail of its page, or adds a mail.
   *
   * @returns whether a mail was added; if so, ring `added` after the commit
   */
  async add(change: OutboxChange, tx: Transaction<HistorySchema>): Promise<boolean> {
    const { page, at, beforeVersion: before_version, afterVersion: after_version } = change;
    const { numUpdatedRows } = await tx
      .updateTable('mail')
      .set((eb) => ({ after_version, at, changes: eb('changes', '+', 1) }))
      .where('page', '=', page)
      .where('state', '=', 'waiting')
      .where('attempts', '=', 0)
      // After a change of the page's URL, a version does not succeed the previous one.
      .where('after_version', '=', before_version)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows > 0) return false;
    await tx
      .insertInto('mail')
      .values({
        page,
        message_id: `<${randomUUID()}@pagewatch>`,
        before_version,
        after_version,
        changes: 1,
        at,
        state: 'waiting',
        attempts: 0,
        retry_at: 0,
      })
      .execute();
    return true;
  }

  /**
   * Returns the oldest waiting mail of each page, ordered by due time.
   *
   * @param everyMs - the least time between two mails about a page, by the page's name
   */
  async pending(everyMs: ReadonlyMap<string, number>): Promise<readonly PendingMail[]> {
    const waiting = await this.db
      .selectFrom('mail')
      .select(['id', 'page', 'attempts', 'retry_at'])
      .where('state', '=', 'waiting')
      .orderBy('id')
      .execute();
    if (waiting.length === 0) return [];
    const settled = await this.db
      .selectFrom('mail')
      .select((eb) => ['page', eb.fn.max('settled_at').as('at')])
      .where('state', '<>', 'waiting')
      .groupBy('page')
      .execute();
    const lastAt = new Map(settled.map(({ page, at }) => [page, at ?? undefined]));
    const firstOfPage = new Map(waiting.toReversed().map((mail) => [mail.page, mail]));
    return [...firstOfPage.values()]
      .map(({ id, page, attempts, retry_at }) => {
        const last = lastAt.get(page);
        const allowedAt = last === undefined ? 0 : last + (everyMs.get(page) ?? 0);
        return { id, attempts, dueAt: Math.max(retry_at, allowedAt) };
      })
      .toSorted((one, other) => one.dueAt - other.dueAt || one.id - other.id);
  }

  /**
   * Fixes a mail's content and counts an attempt. If a crash ends the attempt, the next one starts after the retry pause.
   *
   * @returns undefined if the page has returned to its previous text; the mail is then deleted
   */
  async take(id: number, now: number): Promise<OutboxMail | undefined> {
    return this.db.transaction().execute(async (tx) => {
      const row = await tx
        .selectFrom('mail')
        .innerJoin('pages', 'pages.name', 'mail.page')
        .innerJoin('versions as before', 'before.id', 'mail.before_version')
        .innerJoin('versions as after', 'after.id', 'mail.after_version')
        .select([
          'mail.message_id',
          'mail.changes',
          'mail.at',
          'mail.attempts',
          'pages.name',
          'pages.url',
          'pages.title',
        ])
        .select(['before.text as before', 'after.text as after'])
        .where('mail.id', '=', id)
        .executeTakeFirstOrThrow();
      if (row.attempts === 0 && row.before === row.after) {
        await tx.deleteFrom('mail').where('id', '=', id).execute();
        return undefined;
      }
      const attempts = row.attempts + 1;
      const retry_at = now + retryPauseMs(attempts, longestPauseMs);
      await tx
        .updateTable('mail')
        .set({ attempts, retry_at: Math.ceil(retry_at) })
        .where('id', '=', id)
        .execute();
      const { name, url, title, before, after, changes, at, message_id: messageId } = row;
      return { id, page: { name, url, title }, messageId, before, after, changes, at, attempts };
    });
  }

  /** Schedules the next attempt. @returns the pause before it */
  async postpone({ id, attempts }: OutboxMail, error: string, now: number): Promise<number> {
    const pauseMs = Math.ceil(retryPauseMs(attempts, longestPauseMs));
    await this.db
      .updateTable('mail')
      .set({ retry_at: now + pauseMs, error })
      .where('id', '=', id)
      .execute();
    return pauseMs;
  }

  /** Marks a mail as sent. Only the latest sent mail of a page is kept. */
  async sent({ id, page }: OutboxMail, now: number): Promise<void> {
    await this.db.transaction().execute(async (tx) => {
      await tx.updateTable('mail').set({ state: 'sent', settled_at: now, error: null }).where('id', '=', id).execute();
      await tx
        .deleteFrom('mail')
        .where('page', '=', page.name)
        .where('state', '=', 'sent')
        .where('id', '<', id)
        .execute();
    });
  }

  /** Marks a mail as permanently failed. */
  async failed({ id }: OutboxMail, error: string, now: number): Promise<void> {
    await this.db.updateTable('mail').set({ state: 'failed', settled_at: now, error }).where('id', '=', id).execute();
  }
}
