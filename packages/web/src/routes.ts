/**
 * The router of the application: hono's own, in an order that does not depend on time. hono passes every route through the
 * router, those of other applications included, and lets the user choose it.
 *
 * Components start at the same time, so the order of their calls must decide nothing. Middleware runs before routes.
 * Both are sorted by stage. Within a stage, middleware of the wider path and routes of the more specific path come
 * first. A pair that this leaves undecided is an error.
 */
import type { Result, Router } from 'hono/router';
import { RegExpRouter } from 'hono/router/reg-exp-router';
import { SmartRouter } from 'hono/router/smart-router';
import { TrieRouter } from 'hono/router/trie-router';
import type { H, RouterRoute } from 'hono/types';
import { findTargetHandler, isMiddleware } from 'hono/utils/handler';
import { withCheck } from './check-handler.ts';
import { LateRouteError, RouteOrderError } from './errors.ts';
import { isWildcard, narrowness, overlap, specificity } from './paths.ts';

export type Entry = [handler: H, route: RouterRoute];

/** A piece of code whose calls of `use` keep their order. */
export interface Owner {
  readonly stage: number;
}

interface Added {
  readonly method: string;
  readonly path: string;
  readonly entry: Entry;
  readonly owner: Owner;
  /** Whether the handler accepts `next`. */
  readonly isPassing: boolean;
}

type Kind = 'middleware' | 'route';

export class Routes implements Router<Entry> {
  readonly #router = new SmartRouter<Entry>({ routers: [new RegExpRouter(), new TrieRouter()] });
  readonly #middleware: Added[] = [];
  readonly #routes: Added[] = [];
  #adding: { readonly owner: Owner; readonly kind?: Kind } | undefined;
  #isBuilt = false;

  get name(): string {
    return this.#router.name;
  }

  add(method: string, path: string, entry: Entry): void {
    const { owner, kind } = this.#adding ?? { owner: { stage: 0 } };
    this.#add(method, path, entry, owner, kind);
  }

  match(method: string, path: string): Result<Entry> {
    this.#build();
    return this.#router.match(method, path);
  }

  /** Lets hono add the handlers of one call, of which it is known what they are. */
  addAs<R>(kind: Kind, call: () => R): R {
    this.#adding = { owner: { stage: 0 }, kind };
    try {
      return call();
    } finally {
      this.#adding = undefined;
    }
  }

  /** The same router for another application of hono, which adds in the name of one owner. */
  for(owner: Owner): Router<Entry> {
    return {
      name: this.name,
      add: (method, path, entry) => this.#add(method, path, entry, owner),
      match: (method, path) => this.match(method, path),
    };
  }

  /**
   * Allows no more routes.
   *
   * @param replacing - calls of which only the last one has an effect
   * @throws {@link RouteOrderError} if the order of two handlers depended on which component starts first
   */
  seal(replacing: readonly string[]): void {
    const undecided: Array<[string, string]> = [
      ...replacing.flatMap((call, at): Array<[string, string]> => (replacing.indexOf(call) < at ? [[call, call]] : [])),
      ...pairs(this.#middleware, (a, b) => a.owner !== b.owner && narrowness(a.path) === narrowness(b.path)),
      ...pairs(this.#routes, (a, b) => {
        if (a.method !== b.method && a.method !== 'ALL' && b.method !== 'ALL') return false;
        // As a middleware it had to run before the other handler, and as a fallback after it.
        if (isUnclear(a) || isUnclear(b)) return a.owner !== b.owner;
        const isTwice = a.method === b.method && specificity(a.path) === specificity(b.path);
        return isTwice && !a.isPassing && !b.isPassing;
      }),
    ];
    if (undecided.length > 0) throw new RouteOrderError(undecided);
    this.#build();
  }

  #add(method: string, path: string, entry: Entry, owner: Owner, kind?: Kind): void {
    if (this.#isBuilt) throw new LateRouteError(method, path);
    const isPassing = isMiddleware(findTargetHandler(entry[0]));
    // hono does not tell `use` from `all`.
    const added = { method, path, entry, owner, isPassing };
    if ((kind ?? (method === 'ALL' && isPassing ? 'middleware' : 'route')) === 'route') this.#routes.push(added);
    else this.#middleware.push(added);
  }

  #build(): void {
    if (this.#isBuilt) return;
    this.#isBuilt = true;
    this.#middleware.sort((a, b) => a.owner.stage - b.owner.stage || narrowness(a.path) - narrowness(b.path));
    this.#routes.sort(
      (a, b) =>
        a.owner.stage - b.owner.stage ||
        compareText(specificity(a.path), specificity(b.path)) ||
        Number(a.method === 'ALL') - Number(b.method === 'ALL') ||
        Number(b.isPassing) - Number(a.isPassing),
    );
    for (const { method, path, entry } of [...this.#middleware, ...this.#routes]) {
      this.#router.add(method, path, [withCheck(entry[0]), entry[1]]);
    }
  }
}

/** Whether a route may be meant as a middleware. */
function isUnclear({ path, isPassing }: Added): boolean {
  return isPassing && isWildcard(path);
}

/** The overlapping pairs of a stage for which a condition holds, described. */
function pairs(added: readonly Added[], isUndecided: (a: Added, b: Added) => boolean): Array<[string, string]> {
  const found: Array<[string, string]> = [];
  for (const [at, a] of added.entries()) {
    for (const b of added.slice(at + 1)) {
      if (a.owner.stage === b.owner.stage && overlap(a.path, b.path) && isUndecided(a, b))
        found.push([describe(a), describe(b)]);
    }
  }
  return found;
}

function describe({ method, path, entry: [handler] }: Added): string {
  const { name } = findTargetHandler(handler);
  return `${method} ${path}${name === '' ? '' : ` (${name})`}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
