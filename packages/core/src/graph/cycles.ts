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
  if (isAcyclic(needs)) return [];
  const found: number[][] = [];
  const order = new Int32Array(needs.length).fill(-1);
  const low = new Int32Array(needs.length);
  const onStack = new Uint8Array(needs.length);
  const stack: number[] = [];
  let visited = 0;

  for (let root = 0; root < needs.length; root++) {
    if (order[root] !== -1) continue;
    // Each frame holds a node and the position of its next edge.
    const frames: Array<{ node: number; edge: number }> = [];
    const enter = (node: number): void => {
      order[node] = low[node] = visited++;
      onStack[node] = 1;
      stack.push(node);
      frames.push({ node, edge: 0 });
    };
    enter(root);
    while (frames.length > 0) {
      const frame = frames.at(-1)!;
      const { node } = frame;
      const next = needs[node]![frame.edge++];
      if (next !== undefined) {
        if (order[next] === -1) enter(next);
        else if (onStack[next]) low[node] = Math.min(low[node]!, order[next]!);
        continue;
      }
      frames.pop();
      const above = frames.at(-1);
      if (above) low[above.node] = Math.min(low[above.node]!, low[node]!);
      if (low[node] !== order[node]) continue;
      const members = stack.splice(stack.lastIndexOf(node));
      for (const member of members) onStack[member] = 0;
      if (members.length > 1 || needs[node]!.includes(node)) found.push(members.sort((a, b) => a - b));
    }
  }
  return found.sort((a, b) => a[0]! - b[0]!);
}

/** Returns whether no node can reach itself, which is the common case. */
function isAcyclic(needs: ReadonlyArray<readonly number[]>): boolean {
  const [unseen, open, done] = [0, 1, 2];
  const state = new Uint8Array(needs.length);
  const path = new Int32Array(needs.length);
  const nextEdge = new Int32Array(needs.length);
  for (let root = 0; root < needs.length; root++) {
    if (state[root] !== unseen) continue;
    let depth = 0;
    path[0] = root;
    state[root] = open;
    while (depth >= 0) {
      const node = path[depth]!;
      const next = needs[node]![nextEdge[node]!++];
      if (next === undefined) {
        state[node] = done;
        depth--;
      } else if (state[next] === open) return false;
      else if (state[next] === unseen) {
        state[next] = open;
        path[++depth] = next;
      }
    }
  }
  return true;
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
