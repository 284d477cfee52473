import { type as ark } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';

/** The same schema of an order with three libraries. */
export const orderSchemas = {
  zod: z.object({
    item: z.string().min(2),
    mail: z.email(),
    lines: z.array(z.object({ count: z.number().int().max(100) })).min(1),
    kind: z.enum(['gift', 'own']).optional(),
  }),
  valibot: v.object({
    item: v.pipe(v.string(), v.minLength(2)),
    mail: v.pipe(v.string(), v.email()),
    lines: v.pipe(v.array(v.object({ count: v.pipe(v.number(), v.integer(), v.maxValue(100)) })), v.minLength(1)),
    kind: v.optional(v.picklist(['gift', 'own'])),
  }),
  arktype: ark({
    item: 'string>=2',
    mail: 'string.email',
    lines: ark({ count: 'number.integer<=100' }).array().atLeastLength(1),
    'kind?': "'gift'|'own'",
  }),
} as const;

export const order = { item: 'tea', mail: 'ann@example.org', lines: [{ count: 2 }] };
