/** Injection into the methods of any class: what the caller leaves out comes from the current context. */
import { ownDeclarations, type DeclaredIdentifier, type NeedDeclaration } from '../component/declarations.ts';
import { refuseStandard } from '../component/decorators.ts';
import type { MethodDecoration } from '../component/injection-types.ts';
import { captureSite } from '../component/place.ts';
import { defaultName } from '../context/key.ts';
import { InjectedMethodError, NotInjectedError } from './errors.ts';
import { isAsyncFunction, supply, type Supply } from './supply.ts';

/**
 * Fills the parameters that have an `@inject` from the current context, at every call, unless the caller passes a
 * value. An `async` method waits for resources that are still being made; any other gets what can be had at once.
 *
 * @throws {@link InjectedMethodError} when the class is declared, if there is nothing to inject
 * @example
 * class Reports {
 *   \@injected()
 *   async count(since: Date, \@inject(Database) db: Database = fromContext()): Promise<number> { … }
 * }
 */
export function injected(): MethodDecoration {
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
 * Stands for the value of a parameter with an `@inject`: `db: Database = fromContext()`. So the caller may leave it
 * out, and the method need not ask whether it is there.
 *
 * @throws {@link NotInjectedError} when nothing was injected, because the method has no `@injected()`
 */
export function fromContext(): never {
  throw new NotInjectedError();
}

/** Takes the needs of a method's parameters out of its class's declarations, where they would be the runtime's. */
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
  if (typeof method !== 'function') return refuse('it is no method', 'make it a method');
  const { needs } = ownDeclarations(prototype.constructor as abstract new (...args: never[]) => object);
  const isMine = (need: NeedDeclaration): boolean => need.member === member && need.index !== undefined;
  const mine = needs.filter(isMine);
  if (mine.length === 0) return refuse('no parameter has an @inject()', 'say what to inject: @inject(Key)');
  needs.splice(0, needs.length, ...needs.filter((need) => !isMine(need)));
  return mine.map(({ id, name = defaultName, optional, deferred, all, index }) => {
    if (typeof name !== 'string')
      return refuse('fromConfig() reads the options of a component', 'give the name itself');
    // What inversify injects under texts and symbols stands in records of its own.
    return { id: id as DeclaredIdentifier, name, optional, deferred, all, index: index! };
  });
}
