/** Calls a function with resources of the current context. */
import { allMade, valueFor } from '../application/invoke.ts';
import { declaredIdentifier } from '../component/declarations.ts';
import type { DeclaredIdentifier, NeedDeclaration } from '../component/declaration-types.ts';
import { Pending } from '../context/pending.ts';
import { currentContext } from './current-context.ts';

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
  return call(await allMade(needs.map(find)));
}

function find(need: Supply): unknown {
  return valueFor({ declaration: need, key: { id: declaredIdentifier(need.id), name: need.name } }, currentContext());
}

export function isAsyncFunction(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object AsyncFunction]';
}
