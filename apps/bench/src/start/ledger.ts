/** Records the starts and stops of services, which generated code reports, and compares them with the graph. */
import type { Graph } from './graph.ts';

/** The order in which a subject stops services; some subjects have no teardown. */
export type Stops = 'each before its needs' | 'in any order' | 'not at all';

const starts: Array<{ readonly index: number; readonly service: object; readonly needs: readonly object[] }> = [];
const stops: number[] = [];

/** Called by a service that has started, with its constructor arguments. */
export function started(index: number, service: object, needs: readonly object[]): void {
  starts.push({ index, service, needs });
}

/** Called by a service that has stopped. */
export function stopped(index: number): void {
  stops.push(index);
}

/** Clears the records. @returns how they differ from the graph and the subject's promise; undefined if they match */
export function findFault(graph: Graph, promised: Stops): string | undefined {
  const fault = findStartFault(graph) ?? findStopFault(graph, promised);
  starts.length = stops.length = 0;
  return fault;
}

function findStartFault({ services }: Graph): string | undefined {
  if (starts.length !== services.length) return `${starts.length} of ${services.length} services started`;
  const running = new Map<number, object>();
  for (const { index, service, needs } of starts) {
    if (running.has(index)) return `service ${index} started twice`;
    const wanted = services[index]!.needs;
    const isRight = needs.length === wanted.length && wanted.every((need, at) => running.get(need) === needs[at]);
    if (!isRight) return `service ${index} started without its needs`;
    running.set(index, service);
  }
  return undefined;
}

function findStopFault({ services }: Graph, promised: Stops): string | undefined {
  if (promised === 'not at all')
    return stops.length === 0 ? undefined : `${stops.length} services stopped unexpectedly`;
  const gone = new Set(stops);
  if (gone.size !== services.length || stops.length !== services.length) {
    return `${stops.length} of ${services.length} services stopped`;
  }
  if (promised === 'in any order') return undefined;
  const seen = new Set<number>();
  for (const index of stops) {
    const early = services[index]!.needs.find((need) => seen.has(need));
    if (early !== undefined) return `service ${early} stopped before service ${index}, which needs it`;
    seen.add(index);
  }
  return undefined;
}
