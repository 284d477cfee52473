/** Lists the functions of routes for tools: the stack of a blocked thread shows functions, but not their route. */
import { channel } from 'node:diagnostics_channel';

/** A function of a route. */
export interface HandlerFunction {
  readonly code: object;
  /** The path of the component that added the route; undefined if it is unknown. */
  readonly component: string | undefined;
  /** For example `GET /report`. */
  readonly purpose: string;
}

/** The message of a tool that asks for functions. */
interface FunctionQuery {
  add(code: object, owner: Omit<HandlerFunction, 'code'>): void;
}

/** The channel on which tools such as the watchdog ask. */
const asked = channel('asphalt:functions');

/** A handler that calls functions of the application which the route does not show. */
export const calledBy = Symbol('functions');

/** Returns a handler and the functions that it calls. */
export function functionsOf(handler: object): readonly object[] {
  const { [calledBy]: called } = handler as { [calledBy]?: () => readonly object[] };
  return [handler, ...(called?.() ?? [])];
}

/** Lists functions when a tool asks, until the returned function is called. */
export function listFunctions(functions: () => readonly HandlerFunction[]): () => void {
  const list = (query: unknown): void => {
    for (const { code, ...owner } of functions()) (query as FunctionQuery).add(code, owner);
  };
  asked.subscribe(list);
  return () => {
    asked.unsubscribe(list);
  };
}
