import { Signal } from '@asphalt/core';
import type { Transaction } from '@asphalt/sql';

/**
 * Reports changes of orders to this process, after their commit. A report contains only the id, because the table of orders
 * has the rest.
 */
export abstract class OrderNews {
  /** Dispatches the id of an order that was placed or has another status. */
  readonly changed = new Signal<string>();
  /** Dispatched when reports may have been lost. */
  readonly missed = new Signal<void>();

  /** Reports an order once the transaction has committed. */
  abstract announce(transaction: Transaction, id: string): Promise<void>;
}
