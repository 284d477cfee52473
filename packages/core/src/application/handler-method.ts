/**
 * One `@on` method of a component: calls it with an event in a context of its own, and reports failures to its `onError` or
 * to the application. It must not decide when events arrive; `EventHandler` and `DeliveryHandler` do.
 */
import type { HandlerDeclaration } from '../component/declaration-types.ts';
import type { Context } from '../context/context.ts';
import { runIn } from '../context/current.ts';
import { tracePoint, type EventTrace } from '../context/trace-point.ts';
import { componentName, type ComponentNode } from '../graph/component-node.ts';
import type { ComponentCalls } from './component-calls.ts';
import { HandlerError } from './errors.ts';
import { areRelated } from './failure-reports.ts';
import type { Runtime } from './runtime.ts';

const eventPoint = tracePoint<EventTrace>('asphalt.event');
const deliveryPoint = tracePoint<EventTrace>('asphalt.delivery');

export class HandlerMethod {
  readonly declaration: HandlerDeclaration;
  /** The calls of an async `onError` that no event waits for. */
  readonly reports = new Set<Promise<void>>();
  readonly #calls: ComponentCalls;
  readonly #runtime: Runtime;

  constructor(declaration: HandlerDeclaration, calls: ComponentCalls, runtime: Runtime) {
    this.declaration = declaration;
    this.#calls = calls;
    this.#runtime = runtime;
  }

  get node(): ComponentNode {
    return this.#calls.node;
  }

  /** The name of the context of each event. */
  get name(): string {
    return `${componentName(this.node)}.${String(this.declaration.member)}`;
  }

  /** The name of the handler in messages that also name its component. */
  get label(): `${string}()` {
    return `${String(this.declaration.member)}()`;
  }

  /**
   * Handles an event. Settles after its context has closed, and rejects with the error of the method or of a teardown.
   *
   * @param abandoned - rejects if the method has to end early; the context then closes with this error
   */
  handle(event: unknown, abandoned?: Promise<never>): Promise<unknown> {
    const call = (context: Context): unknown => {
      context.lifetime.onReport = (error) => this.reportLater(error, event);
      return this.#calls.callIn(context, this.declaration.member, event);
    };
    const body = abandoned ? (context: Context) => Promise.race([call(context), abandoned]) : call;
    const parent = this.#runtime.context;
    const point = abandoned ? deliveryPoint : eventPoint;
    if (!point.observed) return parent.run(body, this.name);
    const context = parent.child(this.name);
    const message = { context, component: this.node.path, member: String(this.declaration.member), event };
    return point.run(message, () => runIn(() => context, body));
  }

  /** Like {@link failed}, for an error that the event does not wait for. */
  reportLater(error: unknown, event: unknown): void {
    const reported = this.failed(error, event).then(() => void this.reports.delete(reported));
    this.reports.add(reported);
  }

  /** Passes the failure of an event to `onError` of the handler, otherwise to the application. Never rejects. */
  async failed(error: unknown, event: unknown): Promise<void> {
    const { onError } = this.declaration;
    if (!onError) return this.report(error);
    try {
      await onError(error, event as never);
    } catch (failure) {
      if (!areRelated(failure, error)) this.report(error);
      this.report(failure);
    }
  }

  /** Reports an error that the handler's own `onError` does not handle. */
  report(error: unknown): void {
    this.#runtime.report(new HandlerError(this.node, this.declaration.member, error));
  }
}
