import type { ServiceIdentifier } from '@asphalt/core';
import type { MiddlewareHandler } from 'hono';

import type { WebEnv } from './web-env.ts';

/** The type of the resources under an identifier. */
type ResourceOf<Id> = Id extends ServiceIdentifier<infer T> ? T : never;

/** What {@link needs} adds to hono's `c.var`. */
export interface NeedsEnv<N> extends WebEnv {
  Variables: WebEnv['Variables'] & { readonly [K in keyof N]: ResourceOf<N[K]> };
}

/**
 * Makes a hono middleware that puts resources of the request's context into `c.var`.
 *
 * @example
 * app.get('/pages/:id', needs({ pages: Pages }), async (c) => c.json(await c.var.pages.get(c.req.param('id'))));
 */
export function needs<N extends Readonly<Record<string, ServiceIdentifier<unknown>>>>(
  identifiers: N,
): MiddlewareHandler<NeedsEnv<N>> {
  return async (c, next) => {
    const { context } = c.var;
    for (const [name, id] of Object.entries(identifiers))
      c.set(name as never, (await context.getResource(id)) as never);
    await next();
  };
}
