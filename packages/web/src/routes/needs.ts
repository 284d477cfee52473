import {
  LazyServiceIdentifier,
  lookups,
  Token,
  type AnyIdentifier,
  type Key,
  type LookupSource,
  type ServiceIdentifier,
} from '@asphalt/core';
import { IdentifierError, ResourceNameError } from '@asphalt/core/errors';
import type { MiddlewareHandler } from 'hono';
import { requestContext } from '../request/request-scope.ts';
import type { WebEnv } from '../web-env.ts';

/** A key that {@link needs} accepts. A lazy one is resolved at each request. */
export type RequestIdentifier<T> = ServiceIdentifier<T> | LazyServiceIdentifier<T>;

/** A resource of a request: an identifier, optionally with a name, or with `optional` if it may be absent. */
export type RequestNeed<T = unknown> =
  | RequestIdentifier<T>
  | { readonly id: RequestIdentifier<T>; readonly name?: string; readonly optional?: boolean };

/** The type of the value that a need sets. */
type ResourceOf<N> =
  N extends RequestIdentifier<infer T>
    ? T
    : N extends { readonly id: RequestIdentifier<infer T>; readonly optional: true }
      ? T | undefined
      : N extends { readonly id: RequestIdentifier<infer T> }
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
 * @throws {@link IdentifierError} when a variable has neither a class nor a token
 * @throws {@link ResourceNameError} when a name is no text
 * @example
 * const pageNeeds = needs({ pages: Pages });
 * app.get('/pages/:id', pageNeeds, async (c) => c.json(await c.var.pages.get(c.req.param('id'))));
 */
export function needs<const N extends Readonly<Record<string, RequestNeed>>>(
  wanted: N,
): MiddlewareHandler<NeedsEnv<N>> & LookupSource {
  if (!isObject(wanted)) throw new IdentifierError('needs()', wanted);
  const resources = Object.entries(wanted).map(([variable, need]) => {
    const options = optionsOf<RequestIdentifier<unknown>>(need);
    checkOptions(variable, options);
    return { variable, ...options };
  });
  return Object.assign<MiddlewareHandler<NeedsEnv<N>>, LookupSource>(
    async (c, next) => {
      const context = requestContext(c);
      for (const { variable, id: given, name, optional } of resources) {
        const id = given instanceof LazyServiceIdentifier ? given.unwrap() : given;
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

function checkOptions(variable: string, { id, name }: Options<unknown>): void {
  const isIdentifier = typeof id === 'function' || id instanceof Token || id instanceof LazyServiceIdentifier;
  if (!isIdentifier) throw new IdentifierError(`Variable \`${variable}\` of needs()`, id);
  if (typeof name !== 'string') throw new ResourceNameError(name);
}

function optionsOf<Id extends object>(need: Id | (Partial<Options<Id>> & { readonly id: Id })): Options<Id> {
  // A class may have a static `id`, and a module that is still loading has no class yet.
  const { id, name = 'default', optional = false } = isObject(need) && 'id' in need ? need : { id: need };
  return { id, name, optional };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
