/** The table of orders. Times are milliseconds since 1970, amounts are cents. */
import { PostgresAdapter, sql, type Migration } from 'kysely';
import type { OrderStatus } from './order.ts';

export interface OrderSchema {
  orders: {
    id: string;
    email: string;
    /** JSON. */
    items: string;
    total: number;
    status: OrderStatus;
    placed_at: number;
    changed_at: number;
    version: number;
    /** Identifies the request that placed the order. */
    request_key: string | null;
    /** The hash of this request. */
    request_hash: string | null;
  };
}

export const migrations: Readonly<Record<string, Migration>> = {
  '0001_orders': {
    async up(db) {
      const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter;
      // Milliseconds exceed the integers of PostgreSQL. Its driver reads a bigint as text, and this as a number.
      const time = isPostgres ? sql`double precision` : sql`integer`;
      await db.schema
        .createTable('orders')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('email', 'text', (column) => column.notNull())
        .addColumn('items', 'text', (column) => column.notNull())
        .addColumn('total', 'integer', (column) => column.notNull())
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('placed_at', time, (column) => column.notNull())
        .addColumn('changed_at', time, (column) => column.notNull())
        .addColumn('version', 'integer', (column) => column.notNull())
        .addColumn('request_key', 'text', (column) => column.unique())
        .addColumn('request_hash', 'text')
        .execute();
      await db.schema.createIndex('orders_by_time').on('orders').columns(['placed_at', 'id']).execute();
      await db.schema.createIndex('orders_by_status').on('orders').columns(['status', 'placed_at', 'id']).execute();
    },
  },
};
