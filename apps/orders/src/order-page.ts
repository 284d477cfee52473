/** Renders the page. */
import { html } from 'hono/html';
import { countTiles } from './counts.ts';
import { orderEntry, type Html } from './order-entry.ts';
import { formatAmount, type Order } from './order.ts';
import type { OrderCounts } from './orders.ts';
import { products } from './products.ts';

export interface PageContent {
  readonly orders: readonly Order[];
  readonly counts: OrderCounts;
  /** Returns the path of an asset, which changes with its content. */
  readonly asset: (file: string) => string;
}

export function orderPage({ orders, counts, asset }: PageContent): Html {
  const logo = asset('icon.svg');
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Orders</title>
        <link rel="icon" href="${logo}" type="image/svg+xml" />
        <link rel="stylesheet" href="${asset('orders.css')}" />
        <script type="module" src="${asset('orders.js')}"></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header class="top">
          <a class="brand" href="/"><img src="${logo}" alt="" width="28" height="28" />Orders</a>
          <p class="connection" id="connection" data-state="connecting"><span class="word">Connecting</span></p>
        </header>
        <main id="main">
          <h1 class="spoken">Orders</h1>
          <section aria-labelledby="today">
            <h2 id="today">Last 24 hours</h2>
            ${countTiles(counts)}
          </section>
          <div class="columns">
            <section class="desk" aria-labelledby="new">
              <h2 id="new">New order</h2>
              ${orderForm()}
            </section>
            <section aria-labelledby="latest">
              <h2 id="latest">Latest orders</h2>
              <p class="spoken" id="announcer" role="status"></p>
              <div class="feed" id="feed">${orders.map(orderEntry)}</div>
              <div class="empty">
                <p class="empty-title">No order yet</p>
                <p>The first order will appear here automatically.</p>
              </div>
            </section>
          </div>
        </main>
        <footer class="bottom">Built with Asphalt for TypeScript</footer>
      </body>
    </html>`;
}

function orderForm(): Html {
  const choices = Object.entries(products).map(
    ([key, { name, price }]) => html`<option value="${key}">${name} · ${formatAmount(price)}</option>`,
  );
  return html`<form class="form" id="order-form">
    <label
      >Product<select name="product">
        ${choices}
      </select></label
    >
    <label>Quantity<input name="quantity" type="number" min="1" max="99" value="1" required /></label>
    <label>Mail address<input name="email" type="email" value="ada@example.org" required /></label>
    <button type="submit">Place order</button>
    <p class="outcome" id="outcome" role="alert"></p>
  </form>`;
}
