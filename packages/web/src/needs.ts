import { lookups, type AnyIdentifier, type Key, type LookupSource, type ServiceIdentifier } from '@asphalt/core';
import type { MiddlewareHandler } from 'hono';
import { requestContext } from './request-scope.ts';
import type { WebEnv } from './web-env.ts';

/** A resource of a request: an identifier, optionally with a name, or with `optional` if it may be absent. */
export type RequestNeed<T = unknown> =
  | ServiceIdentifier<T>
  | { readonly id: ServiceIdentifier<T>; readonly name?: string; readonly optional?: boolean };

/** The type of the value that a need sets. */
type ResourceOf<N> =
  N extends ServiceIdentifier<infer T>
    ? T
    : N extends { readonly id: ServiceIdentifier<infer T>; readonly optional: true }
      ? T | undefined
      : N extends { readonly id: ServiceIdentifier<infer T> }
        ? T
        : never;

/** The environment of hono's `c` after {@link needs}. */
export interface NeedsEnv<N> extends WebEnv {
  Variables: { readonly [K in keyof N]: ResourceOf<N[K]> };
}

/**
 * Creates a middleware that sets resources of the request's context in `c.var`. The `lookups` of `@component` accept it,
 * so that the plan contains these resources.
 *
 * @example
 * const pageNeeds = needs({ pages: Pages });
 * app.get('/pages/:id', pageNeeds, async (c) => c.json(await c.var.pages.get(c.req.param('id'))));
 */
export function needs<const N extends Readonly<Record<string, RequestNeed>>>(
  wanted: N,
): MiddlewareHandler<NeedsEnv<N>> & LookupSource {
  const resources = Object.entries(wanted).map(([variable, need]) => ({
    variable,
    ...optionsOf<ServiceIdentifier<unknown>>(need),
  }));
  return Object.assign<MiddlewareHandler<NeedsEnv<N>>, LookupSource>(
    async (c, next) => {
      const context = requestContext(c);
      for (const { variable, id, name, optional } of resources) {
        const value = await (optional ? context.getResource(id, { name, optional }) : context.getResource(id, name));
        c.set(variable as never, value as never);
      }
      await next();
    },
    { [lookups]: Object.values(wanted) },
  );
}

/** Returns the keys that a handler requires, if it declares them as {@link needs} does. Skips lazy identifiers. */
export function requiredKeys(handler: object): Key[] {
  const { [lookups]: wanted = [] } = handler as Partial<LookupSource>;
  return wanted
    .map((need) => optionsOf<AnyIdentifier<unknown>>(need))
    .filter((need): need is Options<ServiceIdentifier<unknown>> => !need.optional && !('unwrap' in need.id))
    .map(({ id, name }) => ({ id, name }));
}

interface Options<Id> {
  readonly id: Id;
  readonly name: string;
  readonly optional: boolean;
}

function optionsOf<Id extends object>(need: Id | (Partial<Options<Id>> & { readonly id: Id })): Options<Id> {
  // A class may have a static `id`.
  const { id, name = 'default', optional = false } = typeof need === 'object' && 'id' in need ? need : { id: need };
  return { id, name, optional };
}
