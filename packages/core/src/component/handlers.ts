/**
 * The decorators of handlers. Like the other decorators, they only write a record that the graph reads later.
 */
import type { Observable } from 'rxjs';
import type { AnyIdentifier } from '../context/key.ts';
import type { Deliveries } from '../signal/deliveries.ts';
import type { Overflow } from '../signal/event-queue.ts';
import { ownDeclarations } from './declarations.ts';
import type { DeclaredIdentifier, FromConfig } from './declaration-types.ts';
import { classOf, isGeneratorMethod, isMethodOfInstances, refuseBare, refuseStandard } from './decorators.ts';
import type { Handling } from './injection-types.ts';
import { checkIdentifier } from './lookups.ts';
import { captureSite, type Site } from './place.ts';

export interface OnAllOptions<E> {
  /** Maximum number of events handled at the same time; 1 keeps their order. @default 1 */
  readonly concurrency?: number;
  /** Maximum number of waiting events, not counting those being handled. @default 50 if `overflow` is set */
  readonly capacity?: number;
  /**
   * Policy for an event that arrives while `capacity` events are waiting. `'error'` handles the waiting events, ends
   * the handler and reports an error to the application. @default 'unbounded', or 'drop-newest' if `capacity` is set
   */
  readonly overflow?: Overflow;
  /**
   * Called instead of the application's `onError` for each event whose handling failed, after the context of the event
   * has closed; for a delivery, after the last attempt. The application's `onError` receives the errors that it throws.
   */
  readonly onError?: (error: unknown, event: E) => unknown;
}

export interface OnOptions<E> extends OnAllOptions<E> {
  /** The name of the resource whose signal is handled. @default 'default' */
  readonly name?: string | FromConfig;
}

/**
 * Handles the events of an Observable of one resource, usually a signal with operators. Each event has its own context,
 * from which the other parameters are injected. If the method fails, the context closes with its error. At the stop,
 * the subscriptions to signals complete, and the method still handles the events that result from this.
 *
 * A source of {@link Deliveries} acknowledges each event after its context has closed. It starts after the `ready` hook.
 */
export function on<T, E>(
  id: AnyIdentifier<T>,
  select: (resource: T) => Observable<E> | Deliveries<E>,
  options: OnOptions<E> = {},
): Handling<E> {
  return handlerDecorator('@on()', id, select, options, false, captureSite(on));
}

/** Like {@link on}, for every resource with the identifier, whatever its name. */
export function onAll<T, E>(
  id: AnyIdentifier<T>,
  select: (resource: T, name: string) => Observable<E> | Deliveries<E>,
  options: OnAllOptions<E> = {},
): Handling<E> {
  return handlerDecorator('@onAll()', id, select, options, true, captureSite(onAll));
}

/**
 * Creates the decorator of a package for handlers of its deliveries, such as a decorator for schedules. The place of its use is
 * that of the caller of `decorator`.
 *
 * @param decorator - the function of the package that returns the result
 */
export function deliveryDecorator<T, E>(
  decorator: (...args: never[]) => unknown,
  id: AnyIdentifier<T>,
  select: (resource: T) => Deliveries<E>,
  options: Omit<OnOptions<E>, 'capacity' | 'overflow'> = {},
): Handling<E> {
  return handlerDecorator(`@${decorator.name}()`, id, select, options, false, captureSite(decorator));
}

function handlerDecorator<E>(
  decorator: string,
  id: DeclaredIdentifier,
  select: (resource: never, name: string) => unknown,
  { name, concurrency = 1, capacity, overflow, onError }: OnOptions<never>,
  all: boolean,
  site: Site,
): Handling<E> {
  refuseBare(decorator.slice(0, -'()'.length), id, select);
  checkIdentifier(decorator, id, site);
  return (prototype, member, descriptor) => {
    refuseStandard(decorator, member, site);
    if (!isMethodOfInstances(decorator, prototype, member, descriptor, site)) return;
    if (isGeneratorMethod(decorator, prototype, member, descriptor, site)) return;
    const { handlers, misuses } = ownDeclarations(classOf(prototype));
    if (concurrency >= 1) {
      handlers.push({ id, name, all, select, concurrency, capacity, overflow, onError, member, site });
      return;
    }
    const reason = `a concurrency of ${concurrency} would handle no event`;
    misuses.push({ decorator, member, reason, help: 'use a concurrency of at least 1', site });
  };
}
