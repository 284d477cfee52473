/** Injects into the methods of any class: omitted arguments come from the current context. */
import { valueFor } from '../application/arguments.ts';
import type { DeclaredIdentifier, NeedDeclaration } from '../component/declaration-types.ts';
import { declaredIdentifier, ownDeclarations } from '../component/declarations.ts';
import { refuseBare, refuseStandard } from '../component/decorators.ts';
import type { MethodDecoration } from '../component/injection-types.ts';
import { captureSite } from '../component/place.ts';
import { defaultName } from '../context/key.ts';
import { Pending } from '../context/factory-cache.ts';
import { currentContext } from './context-functions.ts';
import { InjectedMethodError, NotInjectedError } from './errors.ts';

/**
 * Injects the parameters with `@inject` from the current context at every call, unless the caller passes a value. An
 * `async` method waits for resources that are still being created; any other method receives only resources that are
 * available immediately.
 *
 * @throws {@link InjectedMethodError} when the class is declared, if no parameter can be injected
 * @example
 * class Reports {
 *   \@injected()
 *   async count(since: Date, \@inject(Database) db: Database = fromContext()): Promise<number> { … }
 * }
 */
export function injected(): MethodDecoration;
export function injected(...more: readonly unknown[]): MethodDecoration {
  if (more.length > 0) refuseBare('@injected', ...(more as [unknown, unknown]));
  const site = captureSite(injected);
  return (prototype, member, descriptor) => {
    refuseStandard('@injected()', member, site);
    const method = descriptor.value as ((...args: unknown[]) => unknown) | undefined;
    const needs = takeNeeds(prototype, member, method);
    const isAsync = isAsyncFunction(method);
    function calling(this: unknown, ...args: unknown[]): unknown {
      const missing = needs.filter(({ index }) => args[index] === undefined);
      if (missing.length === 0) return method!.apply(this, args);
      return supply(isAsync, missing, (values) => {
        missing.forEach(({ index }, nth) => (args[index] = values[nth]));
        return method!.apply(this, args);
      });
    }
    Object.defineProperty(calling, 'name', { value: method!.name });
    descriptor.value = calling as never;
  };
}

/**
 * Marks the default of a parameter with `@inject`: `db: Database = fromContext()`. The caller may omit the argument,
 * and the method does not have to handle `undefined`.
 *
 * @throws {@link NotInjectedError} if no value was injected because the method has no `@injected()`
 */
export function fromContext(): never {
  throw new NotInjectedError();
}

/** Removes the needs of a method's parameters from the declarations of its class, so that the graph ignores them. */
function takeNeeds(prototype: object, member: PropertyKey, method: unknown): Array<Supply & { index: number }> {
  const refuse = (reason: string, help: string): never => {
    throw new InjectedMethodError(
      typeof prototype === 'function' ? prototype.name : prototype.constructor.name,
      member,
      reason,
      help,
    );
  };
  if (typeof prototype === 'function') return refuse('the method is static', 'use withResources() for functions');
  if (typeof method !== 'function') return refuse('the member is not a method', 'make it a method');
  const { needs } = ownDeclarations(prototype.constructor as abstract new (...args: never[]) => object);
  const isMine = (need: NeedDeclaration): boolean => need.member === member && need.index !== undefined;
  const mine = needs.filter(isMine);
  if (mine.length === 0) return refuse('no parameter has @inject()', 'declare what to inject: @inject(Key)');
  needs.splice(0, needs.length, ...needs.filter((need) => !isMine(need)));
  return mine.map(({ id, name = defaultName, optional, deferred, all, index }) => {
    if (typeof name !== 'string') return refuse('fromConfig() works only in components', 'pass the name as a string');
    // Identifiers of inversify that are strings or symbols are never in these records.
    return { id: id as DeclaredIdentifier, name, optional, deferred, all, index: index! };
  });
}

/** A resource that a function needs. */
export interface Supply {
  readonly id: DeclaredIdentifier;
  readonly name: string;
  readonly optional: boolean;
  readonly deferred: boolean;
  readonly all: NeedDeclaration['all'];
}

/**
 * Looks up the needs and calls the function with their values. An async function waits for resources that are still
 * being created, and lookup errors reject its promise. Any other function throws them synchronously.
 */
export function supply(isAsync: boolean, needs: readonly Supply[], call: (values: unknown[]) => unknown): unknown {
  if (isAsync) return supplyAsync(needs, call);
  return call(
    needs.map((need) => {
      const value = find(need);
      // `getResourceSync` throws the appropriate error.
      return value instanceof Pending
        ? currentContext().getResourceSync(declaredIdentifier(need.id), need.name)
        : value;
    }),
  );
}

async function supplyAsync(needs: readonly Supply[], call: (values: unknown[]) => unknown): Promise<unknown> {
  return call(await Promise.all(needs.map(findOrWait)));
}

/** Looks up a need. A required one waits during the start, like any lookup of a component. */
function findOrWait(need: Supply): unknown {
  const { id, name, optional, deferred, all } = need;
  if (all || deferred) return find(need);
  const identifier = declaredIdentifier(id);
  const context = currentContext();
  return optional ? context.getResource(identifier, { name, optional }) : context.getResource(identifier, name);
}

function find(need: Supply): unknown {
  return valueFor({ declaration: need, key: { id: declaredIdentifier(need.id), name: need.name } }, currentContext());
}

export function isAsyncFunction(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object AsyncFunction]';
}
