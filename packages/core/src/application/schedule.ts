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
  /** The node at the end of each arrow: one that waits for the node at its beginning. */
  readonly followers: readonly number[];
  /** For each node, the last of the arrows that begin there; `none` where none does. */
  readonly lastArrows: Int32Array;
  /** For each arrow, the one before it that begins at the same node. */
  readonly earlierArrows: readonly number[];
}

const none = -1;

/** The order in which everything runs after what it needs. */
export function forwards(needs: ReadonlyArray<readonly number[]>, nodes: readonly number[]): Order {
  return orderOf(needs, nodes, false);
}

/** The order in which everything runs before what it needs: the way back. */
export function backwards(needs: ReadonlyArray<readonly number[]>, nodes: readonly number[]): Order {
  return orderOf(needs, nodes.toReversed(), true);
}

/**
 * Chains the arrows of each node. No iterators: most of a large graph's first start is code that is not compiled yet, in
 * which they would take more time than all the rest.
 */
function orderOf(needs: ReadonlyArray<readonly number[]>, nodes: readonly number[], isBack: boolean): Order {
  const size = needs.length;
  const takesPart = new Uint8Array(size);
  for (let at = 0; at < nodes.length; at++) takesPart[nodes[at]!] = 1;
  const waits = new Int32Array(size);
  const followers: number[] = [];
  const lastArrows = new Int32Array(size).fill(none);
  const earlierArrows: number[] = [];
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at]!;
    const wanted = needs[node]!;
    for (let index = 0; index < wanted.length; index++) {
      const need = wanted[index]!;
      if (takesPart[need] === 0) continue;
      const before = isBack ? node : need;
      const after = isBack ? need : node;
      waits[after]!++;
      earlierArrows.push(lastArrows[before]!);
      lastArrows[before] = followers.length;
      followers.push(after);
    }
  }
  return { nodes, waits, followers, lastArrows, earlierArrows };
}

/**
 * Runs the actions; resolves when all have run, or, once `failed` has said so, when those under way have settled.
 *
 * @param failed - hears of everything that an action throws; `'stop'` keeps further nodes from being run
 */
export function runInOrder(
  { nodes, waits, followers, lastArrows, earlierArrows }: Order,
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
      for (let arrow = lastArrows[node]!; arrow !== none; arrow = earlierArrows[arrow]!) {
        const follower = followers[arrow]!;
        if (--left[follower]! === 0) ready.add(follower);
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
