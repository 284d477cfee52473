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
  /** The nodes that wait for a node, grouped by that node: one array is faster to build than thousands (start-1000). */
  readonly successors: Int32Array;
  /** For each node, the place of its first successor; those of the next node follow. */
  readonly firstSuccessors: Int32Array;
}

/** Returns the order in which every node runs after its needs. */
export function forwards(needs: ReadonlyArray<readonly number[]>, nodes: readonly number[]): Order {
  return orderOf(needs, nodes, false);
}

/** Returns the order in which every node runs before its needs: the stop order. */
export function backwards(needs: ReadonlyArray<readonly number[]>, nodes: readonly number[]): Order {
  return orderOf(needs, nodes.toReversed(), true);
}

function orderOf(needs: ReadonlyArray<readonly number[]>, nodes: readonly number[], isReversed: boolean): Order {
  const size = needs.length;
  const included = new Uint8Array(size);
  for (const node of nodes) included[node] = 1;
  // Indexes, because an iterator creates an object per element until the code is optimized (start-1000).
  const forEachEdge = (visit: (before: number, after: number) => void): void => {
    for (let place = 0; place < nodes.length; place++) {
      const node = nodes[place]!;
      const wanted = needs[node]!;
      for (let index = 0; index < wanted.length; index++) {
        const need = wanted[index]!;
        if (included[need] === 0) continue;
        if (isReversed) visit(node, need);
        else visit(need, node);
      }
    }
  };
  const waits = new Int32Array(size);
  const firstSuccessors = new Int32Array(size + 1);
  forEachEdge((before, after) => {
    waits[after]!++;
    firstSuccessors[before + 1]!++;
  });
  for (let node = 0; node < size; node++) firstSuccessors[node + 1]! += firstSuccessors[node]!;
  const successors = new Int32Array(firstSuccessors[size]!);
  const free = firstSuccessors.slice();
  forEachEdge((before, after) => {
    successors[free[before]!++] = after;
  });
  return { nodes, waits, successors, firstSuccessors };
}

/** Returns whether every node can run: no nodes wait for each other. */
export function isAcyclic({ nodes, waits, successors, firstSuccessors }: Order): boolean {
  const left = waits.slice();
  const free = nodes.filter((node) => left[node] === 0);
  for (let place = 0; place < free.length; place++) {
    const node = free[place]!;
    for (let at = firstSuccessors[node]!; at < firstSuccessors[node + 1]!; at++) {
      const successor = successors[at]!;
      if (--left[successor]! === 0) free.push(successor);
    }
  }
  return free.length === nodes.length;
}

/**
 * Runs the actions. Resolves when all of them have run or, after `failed` returned `'stop'`, when the running ones have
 * settled.
 *
 * @param failed - called with every error of an action; `'stop'` prevents further nodes from running
 */
export function runInOrder(
  { nodes, waits, successors, firstSuccessors }: Order,
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
      for (let at = firstSuccessors[node]!; at < firstSuccessors[node + 1]!; at++) {
        const successor = successors[at]!;
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
   * @param size - number of nodes in the whole graph
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
