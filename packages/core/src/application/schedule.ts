/**
 * Runs an action for every node of a graph, each as soon as the nodes that it waits for have finished. There are no
 * levels, so no node waits for unrelated nodes. Nodes are plain numbers: this file must not depend on steps or
 * components. Synchronous actions create no promise, and depth uses no call stack.
 */
import { isThenable } from '../context/teardown.ts';

export interface Order {
  /** The participating nodes. Of the nodes that can run, the first in this list runs first. */
  readonly nodes: readonly number[];
  /** For each node, the number of nodes that it waits for. */
  readonly waits: Int32Array;
  /** For each edge, the successor: a node that waits for the node at which the edge starts. */
  readonly successors: readonly number[];
  /** For each node, the last edge that starts there; `none` if no edge does. */
  readonly lastEdges: Int32Array;
  /** For each edge, the previous edge that starts at the same node. */
  readonly earlierEdges: readonly number[];
}

const none = -1;

/** Returns the order in which every node runs after its needs. */
export function forwards(needs: ReadonlyArray<readonly number[]>, nodes: readonly number[]): Order {
  return orderOf(needs, nodes, false);
}

/** Returns the order in which every node runs before its needs: the stop order. */
export function backwards(needs: ReadonlyArray<readonly number[]>, nodes: readonly number[]): Order {
  return orderOf(needs, nodes.toReversed(), true);
}

/** Links the edges of each node into a list. */
function orderOf(needs: ReadonlyArray<readonly number[]>, nodes: readonly number[], isReversed: boolean): Order {
  const size = needs.length;
  const takesPart = new Uint8Array(size);
  for (let at = 0; at < nodes.length; at++) takesPart[nodes[at]!] = 1;
  const waits = new Int32Array(size);
  const successors: number[] = [];
  const lastEdges = new Int32Array(size).fill(none);
  const earlierEdges: number[] = [];
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at]!;
    const wanted = needs[node]!;
    for (let index = 0; index < wanted.length; index++) {
      const need = wanted[index]!;
      if (takesPart[need] === 0) continue;
      const before = isReversed ? node : need;
      const after = isReversed ? need : node;
      waits[after]!++;
      earlierEdges.push(lastEdges[before]!);
      lastEdges[before] = successors.length;
      successors.push(after);
    }
  }
  return { nodes, waits, successors, lastEdges, earlierEdges };
}

/**
 * Runs the actions. Resolves when all of them have run or, after `failed` returned `'stop'`, when the running ones have
 * settled.
 *
 * @param failed - called with every error of an action; `'stop'` prevents further nodes from running
 */
export function runInOrder(
  { nodes, waits, successors, lastEdges, earlierEdges }: Order,
  action: (node: number) => unknown,
  failed: (error: unknown, node: number) => 'stop' | 'continue',
): Promise<void> {
  const left = waits.slice();
  const ready = new ReadyNodes(nodes, left.length);
  for (const node of nodes) if (left[node] === 0) ready.add(node);
  let running = 0;
  let stopped = false;

  return new Promise((resolve) => {
    const finish = (node: number): void => {
      for (let edge = lastEdges[node]!; edge !== none; edge = earlierEdges[edge]!) {
        const successor = successors[edge]!;
        if (--left[successor]! === 0) ready.add(successor);
      }
    };
    const fail = (error: unknown, node: number): void => {
      if (failed(error, node) === 'stop') stopped = true;
      else finish(node);
    };
    const wait = (result: PromiseLike<unknown>, node: number): void => {
      running++;
      result
        .then(
          () => finish(node),
          (error: unknown) => fail(error, node),
        )
        .then(() => {
          running--;
          drain();
        });
    };
    const drain = (): void => {
      while (!ready.isEmpty && !stopped) {
        const node = ready.take();
        try {
          const result = action(node);
          if (isThenable(result)) wait(result, node);
          else finish(node);
        } catch (error) {
          fail(error, node);
        }
      }
      if (running === 0) resolve();
    };
    drain();
  });
}

/** The nodes of a graph that can run, sorted by their place in a given order. Implemented as a binary heap. */
class ReadyNodes {
  readonly #nodes: readonly number[];
  readonly #placeOf: Int32Array;
  readonly #heap: number[] = [];

  /**
   * @param nodes - nodes in the order in which {@link take} returns them
   * @param size - number greater than every node
   */
  constructor(nodes: readonly number[], size: number) {
    this.#nodes = nodes;
    this.#placeOf = new Int32Array(size);
    for (let place = 0; place < nodes.length; place++) this.#placeOf[nodes[place]!] = place;
  }

  get isEmpty(): boolean {
    return this.#heap.length === 0;
  }

  add(node: number): void {
    const heap = this.#heap;
    const place = this.#placeOf[node]!;
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (heap[above]! < place) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = place;
  }

  /** Removes and returns the first node. The heap must not be empty. */
  take(): number {
    const heap = this.#heap;
    const first = this.#nodes[heap[0]!]!;
    const place = heap.pop()!;
    let at = 0;
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      if (below + 1 < heap.length && heap[below + 1]! < heap[below]!) below++;
      if (place < heap[below]!) break;
      heap[at] = heap[below]!;
      at = below;
    }
    if (heap.length > 0) heap[at] = place;
    return first;
  }
}
