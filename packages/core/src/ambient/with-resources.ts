/** Injects into plain functions. */
import type { AnyIdentifier } from '../component/declaration-types.ts';
import { defaultName, isIdentifier } from '../context/key.ts';
import { isAsyncFunction, supply, type Supply } from './injected.ts';

/** A resource that a function needs: an identifier, optionally with a name, or with `optional` if it may be absent. */
export type Wanted<T = unknown> =
  | AnyIdentifier<T>
  | { readonly id: AnyIdentifier<T>; readonly name?: string; readonly optional?: boolean };

type ResourceOf<W> =
  W extends AnyIdentifier<infer T>
    ? T
    : W extends { readonly id: AnyIdentifier<infer T>; readonly optional: true }
      ? T | undefined
      : W extends { readonly id: AnyIdentifier<infer T> }
        ? T
        : never;

type ResourcesOf<W> = { readonly [K in keyof W]: ResourceOf<W[K]> };

/** A function whose first parameter comes from the current context. */
export interface WithResources<Resources, Args extends unknown[], Result> {
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
  const needs = Object.entries(wanted).map(([field, want]) => ({ field, ...supplyOf(want) }));
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
  return Object.assign(calling({}), { with: calling });
}

function supplyOf(want: Wanted): Supply {
  const { id, name = defaultName, optional = false } = isIdentifier(want) || 'unwrap' in want ? { id: want } : want;
  return { id, name, optional, deferred: false, all: false };
}
