/**
 * Finds cycles of a directed graph whose nodes are numbers. Must not depend on components, and must not recurse, so
 * that the depth of a graph is unlimited.
 */

/** Returns one shortest cycle for each strongly connected component; each cycle starts at its smallest node. */
export function findCycles(needs: ReadonlyArray<readonly number[]>): number[][] {
  return stronglyConnectedComponents(needs).map((members) => shortestCycle(needs, members));
}

/** Returns the strongly connected components with several nodes or with an edge to themselves (Tarjan 1972). */
export function stronglyConnectedComponents(needs: ReadonlyArray<readonly number[]>): number[][] {
  const found: number[][] = [];
  const order = new Int32Array(needs.length).fill(-1);
  const low = new Int32Array(needs.length);
  const nextEdge = new Int32Array(needs.length);
  const isOnStack = new Uint8Array(needs.length);
  const stack: number[] = [];
  /** The nodes from the root of the search to the current one. */
  const path: number[] = [];
  let visited = 0;

  const enter = (node: number): void => {
    order[node] = low[node] = visited++;
    isOnStack[node] = 1;
    stack.push(node);
    path.push(node);
  };

  for (let root = 0; root < needs.length; root++) {
    if (order[root] !== -1) continue;
    enter(root);
    while (path.length > 0) {
      const node = path.at(-1)!;
      const next = needs[node]![nextEdge[node]!++];
      if (next !== undefined) {
        if (order[next] === -1) enter(next);
        else if (isOnStack[next]) low[node] = Math.min(low[node]!, order[next]!);
        continue;
      }
      path.pop();
      const above = path.at(-1);
      if (above !== undefined) low[above] = Math.min(low[above]!, low[node]!);
      if (low[node] !== order[node]) continue;
      const members = stack.splice(stack.lastIndexOf(node));
      for (const member of members) isOnStack[member] = 0;
      if (members.length > 1 || needs[node]!.includes(node)) found.push(members.sort((a, b) => a - b));
    }
  }
  return found.sort((a, b) => a[0]! - b[0]!);
}

/** Returns a shortest cycle through the first node of a strongly connected component (breadth first). */
function shortestCycle(needs: ReadonlyArray<readonly number[]>, members: readonly number[]): number[] {
  const start = members[0]!;
  const inside = new Set(members);
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (const node of queue) {
    for (const next of needs[node]!) {
      if (next === start) {
        const cycle = [node];
        for (let at = node; at !== start;) cycle.push((at = cameFrom.get(at)!));
        return cycle.reverse();
      }
      if (!inside.has(next) || cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      queue.push(next);
    }
  }
  return [...members];
}
