import type { ServiceIdentifier } from '@asphalt/core';
import type { MiddlewareHandler } from 'hono';
import { requestContext } from './request-scope.ts';
import type { WebEnv } from './web-env.ts';

/** The type of the resources under an identifier. */
type ResourceOf<Id> = Id extends ServiceIdentifier<infer T> ? T : never;

/** The environment of hono's `c` after {@link needs}. */
export interface NeedsEnv<N> extends WebEnv {
  Variables: { readonly [K in keyof N]: ResourceOf<N[K]> };
}

/**
 * Creates a middleware that sets resources of the request's context in `c.var`.
 *
 * @example
 * app.get('/pages/:id', needs({ pages: Pages }), async (c) => c.json(await c.var.pages.get(c.req.param('id'))));
 */
export function needs<N extends Readonly<Record<string, ServiceIdentifier<unknown>>>>(
  identifiers: N,
): MiddlewareHandler<NeedsEnv<N>> {
  return async (c, next) => {
    const context = requestContext(c);
    for (const [name, id] of Object.entries(identifiers))
      c.set(name as never, (await context.getResource(id)) as never);
    await next();
  };
}
