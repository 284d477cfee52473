/** What the API accepts from clients. */
import * as v from 'valibot';
import { orderStatuses } from './order.ts';
import { products } from './products.ts';

export const newOrderSchema = v.object({
  email: v.pipe(v.string(), v.trim(), v.maxLength(254), v.rfcEmail('Must be a mail address')),
  items: v.pipe(
    v.array(
      v.object({
        product: v.pipe(
          v.string(),
          v.check((key) => Object.hasOwn(products, key), 'No such product exists'),
        ),
        quantity: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(99)),
      }),
    ),
    v.minLength(1, 'Must contain an item'),
    v.maxLength(20),
  ),
});

export const requestKeySchema = v.object({
  'idempotency-key': v.optional(
    v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,200}$/, 'Must be 1 to 200 visible characters')),
  ),
});

const id = v.pipe(v.string(), v.uuid('Must be the id of an order'));

export const orderParam = v.object({ id });

export const listQuery = v.object({
  status: v.optional(v.picklist(orderStatuses)),
  after: v.optional(id),
  limit: v.optional(
    v.pipe(v.string(), v.regex(/^\d{1,3}$/, 'Must be a number'), v.transform(Number), v.minValue(1), v.maxValue(100)),
    '20',
  ),
});
