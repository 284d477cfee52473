/** Compares the accepted orders with their effects. */
import type { Client } from 'pg';
import type { IdempotentCharges } from './idempotent-charges.ts';
import type { OrderLoad } from './order-load.ts';

/** The ids of orders, by the problem that they show. */
export interface Findings {
  /** Accepted orders without a row, or with a status before `mailed`. */
  readonly lost: readonly string[];
  /** Rows that no client knows, and keys of requests for which several orders exist. */
  readonly unknown: readonly string[];
  readonly chargedTwice: readonly string[];
  readonly notCharged: readonly string[];
  readonly notMailed: readonly string[];
  /** Orders with more than one mail. All of these have the same Message-ID. */
  readonly mailedAgain: readonly string[];
  /** Orders with an effect in the database that has happened twice. */
  readonly doubles: readonly string[];
}

export interface Evidence {
  readonly client: Client;
  readonly load: Pick<OrderLoad, 'accepted' | 'ambiguous'>;
  readonly charges: Pick<IdempotentCharges, 'byOrder'>;
  readonly mailsByOrder: ReadonlyMap<string, number>;
}

export async function verify({ client, load, charges, mailsByOrder }: Evidence): Promise<Findings> {
  const accepted = [...load.accepted.values()];
  const { rows } = await client.query<{ readonly id: string; readonly status: string }>(
    'select id, status from orders',
  );
  const statuses = new Map(rows.map(({ id, status }) => [id, status]));
  const known = new Set(accepted);
  return {
    lost: accepted.filter((id) => statuses.get(id) !== 'mailed'),
    unknown: [...[...statuses.keys()].filter((id) => !known.has(id)), ...load.ambiguous],
    chargedTwice: [...charges.byOrder].filter(([, count]) => count > 1).map(([id]) => id),
    notCharged: accepted.filter((id) => !charges.byOrder.has(id)),
    notMailed: accepted.filter((id) => !mailsByOrder.has(id)),
    mailedAgain: [...mailsByOrder].filter(([, count]) => count > 1).map(([id]) => id),
    doubles: await doubles(client),
  };
}

/** Returns the orders that have reached a status twice. */
export async function doubles(client: Client): Promise<string[]> {
  const text = 'select order_id from effect group by order_id, status having count(*) > 1';
  const { rows } = await client.query<{ readonly order_id: string }>(text);
  return rows.map(({ order_id: id }) => id);
}
