/** An order and the steps from one status to the next. All times are milliseconds since 1970. */

/** The currency of all amounts. */
export const currency = 'EUR';

/** The status before each status that an order reaches later. */
export const previousStatus = {
  charged: 'placed',
  declined: 'placed',
  expired: 'placed',
  mailed: 'charged',
} as const;

export type LaterStatus = keyof typeof previousStatus;
export type OrderStatus = 'placed' | LaterStatus;

export const orderStatuses = ['placed', 'charged', 'mailed', 'declined', 'expired'] as const satisfies OrderStatus[];

export interface OrderItem {
  /** The key of a product. */
  readonly product: string;
  readonly name: string;
  readonly quantity: number;
  /** The price of one piece, in cents. */
  readonly price: number;
}

export interface Order {
  readonly id: string;
  readonly email: string;
  readonly items: readonly OrderItem[];
  /** In cents. */
  readonly total: number;
  readonly status: OrderStatus;
  readonly placedAt: number;
  readonly changedAt: number;
  /** The number of changes of the status. */
  readonly version: number;
}

/** A message about an order. */
export interface OrderMessage {
  readonly order: string;
}

const amounts = new Intl.NumberFormat('en-IE', { style: 'currency', currency });

/** Formats an amount in cents: "€12.50". */
export function formatAmount(cents: number): string {
  return amounts.format(cents / 100);
}
