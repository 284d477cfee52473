/** The running handlers of a component: one for each resource whose events an `@on` or `@onAll` method handles. */
import type { Observable } from 'rxjs';
import { declaredIdentifier } from '../component/declarations.ts';
import type { Handler } from '../graph/plan.ts';
import { Deliveries } from '../signal/deliveries.ts';
import type { ComponentCalls } from './component-calls.ts';
import { DeliveryHandler } from './delivery-handler.ts';
import { EventHandler } from './event-handler.ts';
import { HandlerMethod } from './handler-method.ts';
import type { Runtime } from './runtime.ts';

export type RunningHandler = EventHandler | DeliveryHandler;

/**
 * Creates the handlers of one method. A handler of an Observable subscribes at once; one of deliveries waits for a call of
 * `consume()`.
 */
export function listenTo({ declaration, keys }: Handler, calls: ComponentCalls, runtime: Runtime): RunningHandler[] {
  const { context } = runtime;
  const select = declaration.select as (resource: unknown, name: string) => Observable<unknown> | Deliveries<unknown>;
  // This includes resources that were published without a declaration.
  const resources = declaration.all
    ? context.getResources(declaredIdentifier(declaration.id))
    : keys.map(({ id, name }) => [name, context.getResourceSync(id, name)] as const);
  const method = new HandlerMethod(declaration, calls, runtime);
  return Array.from(resources, ([name, resource]) => {
    const events = select(resource, name);
    return Deliveries.is(events) ? new DeliveryHandler(events, method) : new EventHandler(events, method);
  });
}
