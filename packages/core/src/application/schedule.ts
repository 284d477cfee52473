/**
 * Runs an action for every node of a graph, each as soon as the nodes that it waits for have finished: no levels, no
 * waiting for strangers. Nodes are numbers; what they are is the caller's business. Actions that return nothing to
 * wait for cost no promise, and depth costs no call stack.
 */
import { isThenable } from '../context/teardown.ts';
import { ReadyNodes } from './ready-nodes.ts';

export interface Order {
  /** The nodes that take part. Of those that can run, the one that stands first here does. */
  readonly nodes: readonly number[];
  /** How many nodes each node waits for. */
  readonly waits: Int32Array;
  /** The nodes that wait for others, in one list: those of a node are there from its place in `begins` to the next. */
  readonly followers: Int32Array;
  readonly begins: Int32Array;
}

/** The order in which everything runs after what it needs. */
export function forwards(needs: ReadonlyArray<readonly number[]>, nodes: readonly number[]): Order {
  return orderOf(nodes, needs.length, (take) => eachNeed(needs, nodes, (node, need) => take(need, node)));
}

/** The order in which everything runs before what it needs: the way back. */
export function backwards(needs: ReadonlyArray<readonly number[]>, nodes: readonly number[]): Order {
  return orderOf(nodes.toReversed(), needs.length, (take) => eachNeed(needs, nodes, take));
}

function eachNeed(
  needs: ReadonlyArray<readonly number[]>,
  nodes: readonly number[],
  take: (node: number, need: number) => void,
): void {
  for (const node of nodes) {
    // An iterator for each of many nodes would be most of the work.
    const wanted = needs[node]!;
    for (let index = 0; index < wanted.length; index++) take(node, wanted[index]!);
  }
}

/** @param eachEdge - gives all edges, from what runs before to what runs after; it is asked twice */
function orderOf(
  nodes: readonly number[],
  size: number,
  eachEdge: (take: (before: number, after: number) => void) => void,
): Order {
  const takesPart = new Uint8Array(size);
  for (const node of nodes) takesPart[node] = 1;
  const waits = new Int32Array(size);
  const begins = new Int32Array(size + 1);
  eachEdge((before, after) => {
    if (takesPart[before] === 0 || takesPart[after] === 0) return;
    begins[before + 1]!++;
    waits[after]!++;
  });
  for (let node = 0; node < size; node++) begins[node + 1]! += begins[node]!;
  const followers = new Int32Array(begins[size]!);
  const next = begins.slice();
  eachEdge((before, after) => {
    if (takesPart[before] === 1 && takesPart[after] === 1) followers[next[before]!++] = after;
  });
  return { nodes, waits, followers, begins };
}

/**
 * Runs the actions; resolves when all have run, or, once `failed` has said so, when those under way have settled.
 *
 * @param failed - hears of everything that an action throws; `'stop'` keeps further nodes from being run
 */
export function runInOrder(
  { nodes, waits, followers, begins }: Order,
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
      for (let at = begins[node]!; at < begins[node + 1]!; at++) {
        const follower = followers[at]!;
        if (--left[follower]! === 0) ready.add(follower);
      }
    };
    const fail = (error: unknown, node: number): void => {
      if (failed(error, node) === 'stop') stopped = true;
      else finish(node);
    };
    const drain = (): void => {
      while (!ready.isEmpty && !stopped) {
        const node = ready.take();
        try {
          const result = action(node);
          if (!isThenable(result)) finish(node);
          else {
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
          }
        } catch (error) {
          fail(error, node);
        }
      }
      if (running === 0) resolve();
    };
    drain();
  });
}
