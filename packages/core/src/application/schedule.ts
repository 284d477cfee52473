/**
 * Runs an action for every node of a graph, each as soon as the nodes that it waits for have finished: no levels, no
 * waiting for strangers. Nodes are numbers; what they are is the caller's business. Actions that return nothing to
 * wait for cost no promise, and depth costs no call stack.
 */
import { isThenable } from '../context/teardown.ts';

export interface Order {
  /** How many nodes each node waits for. */
  readonly waits: Int32Array;
  /** The nodes that wait for each node. */
  readonly followers: ReadonlyArray<readonly number[]>;
  /** The nodes that take part, in the order in which they run when nothing else decides. */
  readonly nodes: readonly number[];
}

/** The order in which everything runs after what it needs. */
export function forwards(needs: ReadonlyArray<readonly number[]>, nodes: readonly number[]): Order {
  const { edges, waits, takesPart } = blank(needs.length, nodes);
  for (const node of nodes) {
    for (const need of needs[node]!) {
      if (!takesPart[need]) continue;
      edges[need]!.push(node);
      waits[node]!++;
    }
  }
  return { waits, followers: edges, nodes };
}

/** The order in which everything runs before what it needs: the way back. */
export function backwards(needs: ReadonlyArray<readonly number[]>, nodes: readonly number[]): Order {
  const { edges, waits, takesPart } = blank(needs.length, nodes);
  for (const node of nodes) {
    for (const need of needs[node]!.toReversed()) {
      if (!takesPart[need]) continue;
      edges[node]!.push(need);
      waits[need]!++;
    }
  }
  return { waits, followers: edges, nodes: [...nodes].reverse() };
}

function blank(
  size: number,
  nodes: readonly number[],
): { edges: number[][]; waits: Int32Array; takesPart: Uint8Array } {
  const takesPart = new Uint8Array(size);
  for (const node of nodes) takesPart[node] = 1;
  return { edges: Array.from({ length: size }, () => []), waits: new Int32Array(size), takesPart };
}

/**
 * Runs the actions; resolves when all have run, or, once `failed` has said so, when those under way have settled.
 *
 * @param failed - hears of everything that an action throws; `'stop'` keeps further nodes from being run
 */
export function runInOrder(
  { waits, followers, nodes }: Order,
  action: (node: number) => unknown,
  failed: (error: unknown, node: number) => 'stop' | 'continue',
): Promise<void> {
  const left = waits.slice();
  const queue = nodes.filter((node) => left[node] === 0);
  let next = 0;
  let running = 0;
  let stopped = false;

  return new Promise((resolve) => {
    const finish = (node: number): void => {
      for (const follower of followers[node]!) if (--left[follower]! === 0) queue.push(follower);
    };
    const fail = (error: unknown, node: number): void => {
      if (failed(error, node) === 'stop') stopped = true;
      else finish(node);
    };
    const drain = (): void => {
      while (next < queue.length && !stopped) {
        const node = queue[next++]!;
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
