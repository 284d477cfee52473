import { html } from 'hono/html';
import { statusWords, type Html } from './order-entry.ts';
import { formatAmount, orderStatuses } from './order.ts';
import type { OrderCounts } from './orders.ts';

/** The texts of the tiles, by their names. */
export function renderCounts({ revenue, ...counts }: OrderCounts): Readonly<Record<string, string>> {
  const texts = Object.entries(counts).map(([status, count]) => [status, count.toLocaleString('en')]);
  return { ...(Object.fromEntries(texts) as Record<string, string>), revenue: formatAmount(revenue) };
}

/** Renders the tiles above the list of orders. */
export function countTiles(counts: OrderCounts): Html {
  const texts = renderCounts(counts);
  return html`<dl class="tiles">
    ${orderStatuses.map(
      (status) =>
        html`<div class="tile" data-status="${status}">
          <dt>${statusWords[status]}</dt>
          <dd data-count="${status}">${texts[status]}</dd>
        </div>`,
    )}
    <div class="tile">
      <dt>Revenue</dt>
      <dd data-count="revenue">${texts['revenue']}</dd>
    </div>
  </dl>`;
}
