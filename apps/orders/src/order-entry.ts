import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import { formatAmount, type Order, type OrderStatus } from './order.ts';

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

export const statusWords: Readonly<Record<OrderStatus, string>> = {
  placed: 'Placed',
  charged: 'Charged',
  mailed: 'Mailed',
  declined: 'Declined',
  expired: 'Expired',
};

/** The number of the three steps that an order has taken. */
const stepsTaken: Readonly<Record<OrderStatus, number>> = { placed: 1, charged: 2, mailed: 3, declined: 2, expired: 2 };

/** Renders an order as an entry of the list. */
export function orderEntry({ id, email, items, total, status, placedAt, version }: Order): Html {
  const iso = new Date(placedAt).toISOString();
  const content = items.map(({ name, quantity }) => `${quantity} × ${name}`).join(', ');
  return html`<article
    class="order"
    id="order-${id}"
    data-status="${status}"
    data-version="${version}"
    data-placed="${placedAt}"
  >
    <h3><a href="/orders/${id}">${id.slice(0, 8)}</a></h3>
    <p class="email" title="${email}">${email}</p>
    <p class="items" title="${content}">${content}</p>
    <p class="total">${formatAmount(total)}</p>
    <time datetime="${iso}" title="${iso.slice(0, 19).replace('T', ' ')} UTC">${iso.slice(11, 19)}</time>
    <span class="badge">${statusWords[status]}</span>
    <span class="track" data-steps="${stepsTaken[status]}" aria-hidden="true"><i></i><i></i><i></i></span>
  </article>`;
}
