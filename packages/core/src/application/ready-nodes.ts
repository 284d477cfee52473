/** The nodes of a graph that can run, sorted by their place in a given order. Implemented as a binary heap. */
export class ReadyNodes {
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
