/** The JSON API: places an order, and reads one or several. */
import { component, Component, inject } from '@asphalt/core';
import { Outbox } from '@asphalt/messaging/sql';
import type { Queue } from '@asphalt/messaging';
import { Transaction } from '@asphalt/sql';
import { needs, problem, WebApp } from '@asphalt/web';
import { validated } from '@asphalt/web/validation';
import { listQuery, newOrderSchema, orderParam, requestKeySchema } from './order-input.ts';
import { currency, type Order, type OrderMessage } from './order.ts';
import type { OrderSchema } from './order-schema.ts';
import { Orders } from './orders.ts';
import { products } from './products.ts';
import { Charges } from './queues.ts';

const writing = needs({ transaction: Transaction<OrderSchema> });

@component({ lookups: [writing], description: 'The JSON API of orders' })
export class Api extends Component {
  override start(
    @inject(WebApp) app: WebApp,
    @inject(Orders) orders: Orders,
    @inject(Outbox) outbox: Outbox,
    @inject(Charges) charges: Queue<OrderMessage>,
  ): void {
    app.post(
      '/orders',
      validated('header', requestKeySchema),
      validated('json', newOrderSchema),
      writing,
      async (c) => {
        const { email, items } = c.req.valid('json');
        const { transaction } = c.var;
        const priced = items.map(({ product, quantity }) => ({ product, quantity, ...products[product]! }));
        const requestKey = c.req.valid('header')['idempotency-key'];
        const { outcome, order } = await orders.place(transaction, { email, items: priced, requestKey });
        if (outcome === 'conflict')
          return problem(c, { status: 422, detail: 'Another request has used this Idempotency-Key' });
        if (outcome === 'placed') await outbox.send(transaction, charges, { order: order.id }, { key: order.id });
        else c.header('idempotent-replayed', 'true');
        c.header('location', `/orders/${order.id}`);
        return c.json(represent(order), 201);
      },
    );

    app.get('/orders', validated('query', listQuery), async (c) => {
      const query = c.req.valid('query');
      // The additional order shows whether a next page exists.
      const found = await orders.list({ ...query, limit: query.limit + 1 });
      const page = found.slice(0, query.limit);
      if (found.length > query.limit) {
        const search = new URLSearchParams({ limit: `${query.limit}`, after: page.at(-1)!.id });
        if (query.status !== undefined) search.set('status', query.status);
        c.header('link', `</orders?${search.toString()}>; rel="next"`);
      }
      return c.json(page.map(represent));
    });

    app.get('/orders/:id', validated('param', orderParam), async (c) => {
      const order = await orders.find(c.req.valid('param').id);
      if (order === undefined) return problem(c, { status: 404, detail: 'No such order exists' });
      return c.json(represent(order));
    });
  }
}

function represent({ placedAt, changedAt, version: _version, ...order }: Order): object {
  return {
    ...order,
    currency,
    placedAt: new Date(placedAt).toISOString(),
    changedAt: new Date(changedAt).toISOString(),
  };
}
