/** Describes graphs of services. The programs of all subjects are generated from the same description. */

export interface Service {
  readonly index: number;
  /** The services that its constructor receives, all with lower indexes. */
  readonly needs: readonly number[];
  /** Duration of the start in milliseconds; 0 if it has started once constructed. */
  readonly startMs: number;
}

export interface Graph {
  readonly services: readonly Service[];
  /** The services that no other service needs. */
  readonly tops: readonly number[];
  /** The critical path in milliseconds of starts: no order can be faster. */
  readonly criticalMs: number;
}

/** The number of services per layer. */
const width = 50;

/** Returns layers in which every service needs three of the previous layer. Only the last layer is not needed. */
export function layeredGraph(count: number, startMs: (index: number) => number = () => 0): Graph {
  const needsOf = (index: number): number[] => {
    const below = Math.floor(index / width) * width - width;
    if (below < 0) return [];
    return [0, 1, 7].map((step) => below + ((index + step) % width));
  };
  return graphOf(count, needsOf, startMs);
}

/** Returns a chain in which every service needs the previous one. */
export function chainGraph(count: number): Graph {
  return graphOf(
    count,
    (index) => (index === 0 ? [] : [index - 1]),
    () => 0,
  );
}

function graphOf(count: number, needsOf: (index: number) => number[], startMs: (index: number) => number): Graph {
  const services = Array.from({ length: count }, (_, index) => ({
    index,
    needs: needsOf(index),
    startMs: startMs(index),
  }));
  const needed = new Set(services.flatMap(({ needs }) => needs));
  const ends: number[] = [];
  for (const { index, needs, startMs: own } of services) {
    ends[index] = own + Math.max(0, ...needs.map((need) => ends[need]!));
  }
  const tops = services.filter(({ index }) => !needed.has(index)).map(({ index }) => index);
  return { services, tops, criticalMs: Math.max(...ends) };
}
