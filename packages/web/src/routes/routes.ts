/**
 * The router of the application: hono's own, in an order that does not depend on time. hono passes every route through the
 * router, those of other applications included, and lets the user choose it.
 *
 * Components start concurrently, so the order in time of their calls decides nothing. Middleware runs before routes. Both
 * are sorted by stage. Within a stage, middleware is sorted by the declaration order of components, and keeps the order of
 * calls within a component. Of routes, handlers that accept `next` come first, then those of the more specific path. A
 * pair that this leaves undecided is an error.
 */
import { callingComponent, type CallingComponent } from '@asphalt/core';
import type { Result, Router } from 'hono/router';
import { RegExpRouter } from 'hono/router/reg-exp-router';
import { SmartRouter } from 'hono/router/smart-router';
import { TrieRouter } from 'hono/router/trie-router';
import type { H, RouterRoute } from 'hono/types';
import { findTargetHandler, isMiddleware } from 'hono/utils/handler';
import { withCheck } from '../request/check-handler.ts';
import { LateRouteError, RouteOrderError, type RouteNeed } from '../errors.ts';
import { functionsOf, type HandlerFunction } from './handler-functions.ts';
import { requiredKeys } from './needs.ts';
import { isOpen, isWildcard, overlap, specificity } from './paths.ts';

export type Entry = [handler: H, route: RouterRoute];

/** The source of calls that keep their order: a component, or an application of hono. */
export interface Owner {
  readonly stage: number;
  /** Undefined for calls after the first `await` of a hook, whose component is unknown. */
  readonly component?: CallingComponent;
}

interface Added {
  readonly method: string;
  readonly path: string;
  readonly entry: Entry;
  readonly owner: Owner;
  /** Whether the handler accepts `next`. */
  readonly isPassing: boolean;
  /** The number of entries that were added before. */
  readonly index: number;
  /** Whether the owner can have added several entries. */
  readonly isShared: boolean;
  /** Whether it runs before the routes that come first by their path. */
  runsFirst?: boolean;
  /** Whether it was moved to the middleware. */
  isPromoted?: boolean;
}

type Kind = 'middleware' | 'route';

export class Routes implements Router<Entry> {
  readonly #router = new SmartRouter<Entry>({ routers: [new RegExpRouter(), new TrieRouter()] });
  readonly #middleware: Added[] = [];
  readonly #routes: Added[] = [];
  /** The owners that are components, by stage and component. */
  readonly #components = new Map<string, Owner>();
  #adding: { readonly owner: Owner; readonly kind?: Kind } | undefined;
  #isBuilt = false;

  get name(): string {
    return this.#router.name;
  }

  add(method: string, path: string, entry: Entry): void {
    this.#add(method, path, entry, { stage: 0 });
  }

  match(method: string, path: string): Result<Entry> {
    this.#build();
    return this.#router.match(method, path);
  }

  /** Calls a function that adds handlers of one owner, and of a known kind unless it is undefined. */
  addAs<R>(kind: Kind | undefined, call: () => R, owner: Owner = { stage: 0 }): R {
    this.#adding = { owner, ...(kind && { kind }) };
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
      add: (method, path, entry) => this.#add(method, path, entry, owner, true),
      match: (method, path) => this.match(method, path),
    };
  }

  /**
   * Allows no more routes.
   *
   * @param replacing - calls that replace each other: only the last one has an effect
   * @throws {@link RouteOrderError} if the order of two handlers depended on which component starts first
   */
  seal(replacing: readonly string[]): void {
    const undecided: Array<[string, string]> = [
      ...replacing.flatMap((call, at): Array<[string, string]> => (replacing.indexOf(call) < at ? [[call, call]] : [])),
      ...pairs(this.#middleware, (a, b) => {
        if (a.owner === b.owner) return false;
        // A route in the middleware must not run before a middleware of another owner.
        return !(a.owner.component && b.owner.component) || a.isPromoted === true || b.isPromoted === true;
      }),
      ...pairs(this.#routes, (a, b) => {
        if (a.method !== b.method && a.method !== 'ALL' && b.method !== 'ALL') return false;
        // As a middleware it had to run before the other handler, and as a fallback after it.
        if (isUnclear(a) || isUnclear(b)) return a.owner !== b.owner;
        const isTwice = a.method === b.method && specificity(a.path) === specificity(b.path);
        return isTwice && a.isPassing === b.isPassing && !(a.isPassing && a.owner === b.owner);
      }),
    ];
    if (undecided.length > 0) throw new RouteOrderError(undecided);
    this.#build();
  }

  /** Returns the keys that handlers require. */
  needs(): RouteNeed[] {
    return [...this.#middleware, ...this.#routes].flatMap(({ method, path, entry: [handler] }) =>
      requiredKeys(findTargetHandler(handler)).map((key) => ({ route: `${method} ${path}`, key })),
    );
  }

  /** Returns the method and the path of a handler whose path is exactly this one. */
  at(path: string): string | undefined {
    const added = [...this.#middleware, ...this.#routes].find((each) => each.path === path);
    return added && `${added.method} ${added.path}`;
  }

  /** Returns the functions of all handlers. */
  functions(): HandlerFunction[] {
    const describe =
      (kind: string) =>
      ({ method, path, entry: [handler], owner }: Added): HandlerFunction[] => {
        const purpose = `${kind}${method === 'ALL' ? path : `${method} ${path}`}`;
        const codes = functionsOf(findTargetHandler(handler));
        return codes.map((code) => ({ code, component: owner.component?.path, purpose }));
      };
    return [...this.#middleware.flatMap(describe('middleware of ')), ...this.#routes.flatMap(describe(''))];
  }

  #add(method: string, path: string, entry: Entry, byDefault: Owner, isShared = false): void {
    if (this.#isBuilt) throw new LateRouteError(method, path);
    const { owner: caller, kind } = this.#adding ?? { owner: byDefault };
    const owner = this.#componentOwner(caller.stage) ?? caller;
    const isPassing = isMiddleware(findTargetHandler(entry[0]));
    const index = this.#middleware.length + this.#routes.length;
    const added: Added = { method, path, entry, owner, isPassing, index, isShared: isShared || owner !== caller };
    // hono passes the handlers of `use` and `all` alike.
    if ((kind ?? (method === 'ALL' && isPassing ? 'middleware' : 'route')) === 'middleware')
      this.#middleware.push(added);
    else this.#routes.push(added);
    if (!added.isShared) return;
    this.#promoteGuards(added);
    if (isPassing) this.#keepOrder(added);
  }

  /** The owner of calls of the component whose code is running. */
  #componentOwner(stage: number): Owner | undefined {
    const component = callingComponent();
    if (component === undefined) return undefined;
    const key = `${stage} ${component.index}`;
    const owner = this.#components.get(key) ?? { stage, component };
    this.#components.set(key, owner);
    return owner;
  }

  /** Moves handlers to the middleware that ran before a later route of their owner with hono alone, and can block it. */
  #promoteGuards(later: Added): void {
    const guards = this.#routes.filter(
      (added) => added !== later && added.owner === later.owner && isGuard(added) && overlap(added.path, later.path),
    );
    for (const guard of guards) {
      this.#routes.splice(this.#routes.indexOf(guard), 1);
      this.#middleware.push(guard);
      guard.isPromoted = true;
    }
  }

  /** Lets handlers that accept `next` run in the order of calls if a later one of their owner would run before them. */
  #keepOrder(later: Added): void {
    for (const added of this.#routes) {
      if (added.runsFirst || !added.isPassing || added.owner !== later.owner || added.index >= later.index) continue;
      const isBehind = compareText(specificity(added.path), specificity(later.path)) > 0;
      if (!overlap(added.path, later.path) || !(later.runsFirst || isBehind)) continue;
      added.runsFirst = true;
      this.#keepOrder(added);
    }
  }

  #build(): void {
    if (this.#isBuilt) return;
    this.#isBuilt = true;
    this.#middleware.sort(
      (a, b) => a.owner.stage - b.owner.stage || placeOf(a.owner) - placeOf(b.owner) || a.index - b.index,
    );
    this.#routes.sort(
      (a, b) =>
        a.owner.stage - b.owner.stage ||
        Number(b.isPassing) - Number(a.isPassing) ||
        Number(b.runsFirst ?? false) - Number(a.runsFirst ?? false) ||
        (a.runsFirst ? placeOf(a.owner) - placeOf(b.owner) || a.index - b.index : 0) ||
        compareText(specificity(a.path), specificity(b.path)) ||
        Number(a.method === 'ALL') - Number(b.method === 'ALL'),
    );
    for (const { method, path, entry } of [...this.#middleware, ...this.#routes]) {
      this.#router.add(method, path, [withCheck(entry[0]), entry[1]]);
    }
  }
}

/** The place among components; calls without a component overlap no others, so their place does not matter. */
function placeOf({ component }: Owner): number {
  return component?.index ?? -1;
}

/** Whether a route may be meant as a middleware. */
function isUnclear(added: Added): boolean {
  return (added.method === 'ALL' && isOpen(added.path)) || (added.isPassing && isWildcard(added.path));
}

/** Whether a handler of several calls covers all methods below a path, so that it may be meant to block them. */
function isGuard({ method, path, isShared }: Added): boolean {
  return isShared && method === 'ALL' && isOpen(path);
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
