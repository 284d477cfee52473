/** Injects into plain functions. */
import { lookups, type LookupSource, type Wanted } from '../component/component-options.ts';
import { checkWanted } from '../component/lookups.ts';
import { captureSite } from '../component/place.ts';
import type { AnyIdentifier } from '../context/key.ts';
import { isAsyncFunction, supply } from './injected.ts';

type ResourceOf<W> =
  W extends AnyIdentifier<infer T>
    ? T
    : W extends { readonly id: AnyIdentifier<infer T>; readonly optional: true }
      ? T | undefined
      : W extends { readonly id: AnyIdentifier<infer T> }
        ? T
        : never;

type ResourcesOf<W> = { readonly [K in keyof W]: ResourceOf<W[K]> };

/** A function whose first parameter comes from the current context. The `lookups` of `@component` accept it. */
export interface WithResources<Resources, Args extends unknown[], Result> extends LookupSource {
  (...args: Args): Result;
  /** Returns the same function with some of its resources replaced, for example in a test. */
  with(own: Partial<Resources>): (...args: Args) => Result;
}

/**
 * Passes resources of the current context to a function at every call. An `async` function waits for resources that are
 * still being created; any other function receives only resources that are available immediately.
 *
 * @example
 * const report = withResources({ db: Database, mailer: Mailer }, async ({ db, mailer }, to: string) => { … });
 * await report('me@example.org');
 */
export function withResources<const W extends Readonly<Record<string, Wanted>>, Args extends unknown[], Result>(
  wanted: W,
  fn: (resources: ResourcesOf<W>, ...args: Args) => Result,
): WithResources<ResourcesOf<W>, Args, Result> {
  const site = captureSite(withResources);
  const needs = Object.entries(wanted).map(([field, want]) => ({
    field,
    ...checkWanted('withResources()', want, site),
    deferred: false,
    all: false as const,
  }));
  const isAsync = isAsyncFunction(fn);
  const calling =
    (own: Partial<ResourcesOf<W>>) =>
    (...args: Args): Result => {
      const missing = needs.filter(({ field }) => own[field] === undefined);
      const call = (values: unknown[]): Result => {
        const found = Object.fromEntries(missing.map(({ field }, nth) => [field, values[nth]]));
        return fn({ ...own, ...found } as ResourcesOf<W>, ...args);
      };
      return missing.length === 0 ? call([]) : (supply(isAsync, missing, call) as Result);
    };
  return Object.assign(calling({}), { with: calling, [lookups]: Object.values(wanted) });
}
