/** The orders in the database. The methods that write take part in the transaction of their caller. */
import { createHash, randomUUID } from 'node:crypto';
import { migrate, type Database, type Transaction } from '@asphalt/sql';
import type { Selectable } from 'kysely';
import { OrderStatusError } from './order-errors.ts';
import type { OrderNews } from './order-news.ts';
import { migrations, type OrderSchema } from './order-schema.ts';
import { previousStatus, type LaterStatus, type Order, type OrderItem, type OrderStatus } from './order.ts';

export interface NewOrder {
  readonly email: string;
  readonly items: readonly OrderItem[];
  /** Identifies the request. A second request with this key places no second order. */
  readonly requestKey?: string | undefined;
}

/** What became of a request: a new order, the order of an earlier request, or a key that another request has used. */
export type Placed =
  | { readonly outcome: 'placed' | 'repeated'; readonly order: Order }
  | { readonly outcome: 'conflict'; readonly order?: undefined };

export interface OrdersQuery {
  readonly limit: number;
  readonly status?: OrderStatus | undefined;
  /** The id of an order, after which the page starts. */
  readonly after?: string | undefined;
}

/** The orders of a period, by status. */
export type OrderCounts = Readonly<Record<OrderStatus, number>> & {
  /** The total of the charged orders, in cents. */
  readonly revenue: number;
};

export class Orders {
  readonly #db: Database<OrderSchema>;
  readonly #news: OrderNews;

  protected constructor(db: Database<OrderSchema>, news: OrderNews) {
    this.#db = db;
    this.#news = news;
  }

  /** Creates or updates the table. */
  static async open(db: Database<OrderSchema>, news: OrderNews): Promise<Orders> {
    await migrate(db, migrations);
    return new Orders(db, news);
  }

  async place(transaction: Transaction<OrderSchema>, { email, items, requestKey }: NewOrder): Promise<Placed> {
    const now = Date.now();
    // Names and prices may change between two requests.
    const content = [email, ...items.map(({ product, quantity }) => [product, quantity])];
    const hash = createHash('sha256').update(JSON.stringify(content)).digest('base64url');
    const row = await transaction
      .insertInto('orders')
      .values({
        id: randomUUID(),
        email,
        items: JSON.stringify(items),
        total: items.reduce((sum, { quantity, price }) => sum + quantity * price, 0),
        status: 'placed',
        placed_at: now,
        changed_at: now,
        version: 0,
        request_key: requestKey ?? null,
        request_hash: hash,
      })
      .onConflict((conflict) => conflict.column('request_key').doNothing())
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) {
      const earlier = await transaction
        .selectFrom('orders')
        .selectAll()
        .where('request_key', '=', requestKey!)
        .executeTakeFirstOrThrow();
      return earlier.request_hash === hash ? { outcome: 'repeated', order: read(earlier) } : { outcome: 'conflict' };
    }
    await this.#news.announce(transaction, row.id);
    return { outcome: 'placed', order: read(row) };
  }

  /**
   * Changes the status of an order.
   *
   * @throws {@link OrderStatusError} when the order has another status than the one before
   */
  async advance(transaction: Transaction<OrderSchema>, id: string, status: LaterStatus): Promise<Order> {
    const row = await transaction
      .updateTable('orders')
      .set((eb) => ({ status, changed_at: Date.now(), version: eb('version', '+', 1) }))
      .where('id', '=', id)
      .where('status', '=', previousStatus[status])
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) throw new OrderStatusError(id, previousStatus[status], status);
    await this.#news.announce(transaction, id);
    return read(row);
  }

  async find(id: string, db: Database<OrderSchema> = this.#db): Promise<Order | undefined> {
    const row = await db.selectFrom('orders').selectAll().where('id', '=', id).executeTakeFirst();
    return row && read(row);
  }

  async findAll(ids: readonly string[]): Promise<readonly Order[]> {
    const rows = await this.#db.selectFrom('orders').selectAll().where('id', 'in', ids).execute();
    return rows.map(read);
  }

  /** Returns orders, newest first. */
  async list({ limit, status, after }: OrdersQuery): Promise<readonly Order[]> {
    let query = this.#db.selectFrom('orders').selectAll().orderBy('placed_at', 'desc').orderBy('id', 'desc');
    if (status !== undefined) query = query.where('status', '=', status);
    if (after !== undefined) {
      query = query.where((eb) =>
        eb(
          eb.refTuple('placed_at', 'id'),
          '<',
          // The row has the columns of the tuple.
          eb.selectFrom('orders').select(['placed_at', 'id']).where('id', '=', after).$asTuple('placed_at', 'id'),
        ),
      );
    }
    return (await query.limit(limit).execute()).map(read);
  }

  /** Returns the ids of the orders that were placed before a time and have no other status yet, oldest first. */
  async unchargedBefore(time: number): Promise<readonly string[]> {
    const rows = await this.#db
      .selectFrom('orders')
      .select('id')
      .where('status', '=', 'placed')
      .where('placed_at', '<', time)
      .orderBy('placed_at')
      .execute();
    return rows.map(({ id }) => id);
  }

  /** Counts the orders that were placed since a time. */
  async countSince(time: number): Promise<OrderCounts> {
    const rows = await this.#db
      .selectFrom('orders')
      .select(({ fn }) => ['status', fn.countAll().as('count'), fn.sum('total').as('total')])
      .where('placed_at', '>=', time)
      .groupBy('status')
      .execute();
    const counts = { placed: 0, charged: 0, mailed: 0, declined: 0, expired: 0, revenue: 0 };
    for (const { status, count, total } of rows) {
      counts[status] = Number(count);
      if (status === 'charged' || status === 'mailed') counts.revenue += Number(total);
    }
    return counts;
  }
}

function read(row: Selectable<OrderSchema['orders']>): Order {
  const { id, email, items, total, status, placed_at: placedAt, changed_at: changedAt, version } = row;
  // `place` wrote this JSON.
  return { id, email, items: JSON.parse(items) as OrderItem[], total, status, placedAt, changedAt, version };
}
