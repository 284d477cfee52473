/** The graphs of services that applications are made of: one description, from which every subject is written. */

export interface Service {
  readonly index: number;
  /** The services that it is made with, all of which come before it. */
  readonly needs: readonly number[];
  /** How long it takes to start, in milliseconds; 0 for one that is ready when it is made. */
  readonly startMs: number;
}

export interface Graph {
  readonly services: readonly Service[];
  /** Those that no other needs. */
  readonly tops: readonly number[];
  /** The longest way from bottom to top, in milliseconds of starts: no order can be faster. */
  readonly criticalMs: number;
}

/** How many services stand beside each other. */
const width = 50;

/** Layers in which every service needs three of the layer before; all of them are needed, but those of the last. */
export function layeredGraph(count: number, startMs: (index: number) => number = () => 0): Graph {
  const needsOf = (index: number): number[] => {
    const below = Math.floor(index / width) * width - width;
    if (below < 0) return [];
    return [0, 1, 7].map((step) => below + ((index + step) % width));
  };
  return graphOf(count, needsOf, startMs);
}

/** Every service needs the one before. */
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
