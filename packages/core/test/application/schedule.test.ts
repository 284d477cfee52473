import { Deferred, settled } from '@asphalt/test-support';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backwards, forwards, runInOrder } from '../../src/application/schedule.ts';

/** The needs of up to 30 nodes in random order, without cycles. */
const graphs = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { maxLength: 30 }).chain((picks) => {
  const needs = picks.map((pick, node) => (node === 0 ? [] : pick.map((number) => number % node)));
  return fc.shuffledSubarray([...needs.keys()], { minLength: needs.length }).map((places) => {
    const shuffled: number[][] = [];
    for (const [node, place] of places.entries()) shuffled[place] = needs[node]!.map((need) => places[need]!);
    return shuffled;
  });
});

const proceed = (): 'continue' => 'continue';

/** 3 waits for 1 and 2, which both wait for 0. 4 waits for no node. */
const diamond = [[], [0], [0], [1, 2], []];

describe('runInOrder', () => {
  test('forwards runs each node after its needs, otherwise in the given order', async () => {
    const ran: number[] = [];
    await runInOrder(forwards([[3], [0], [], []], [0, 1, 2, 3]), (node) => void ran.push(node), proceed);
    expect(ran).toEqual([2, 3, 0, 1]);
  });

  test('backwards runs each node before its needs, otherwise in reverse order', async () => {
    const ran: number[] = [];
    await runInOrder(backwards(diamond, [0, 1, 2, 3, 4]), (node) => void ran.push(node), proceed);
    expect(ran).toEqual([4, 3, 2, 1, 0]);
  });

  test('a node does not wait for nodes that do not take part', async () => {
    const ran: number[] = [];
    await runInOrder(forwards(diamond, [3, 2]), (node) => void ran.push(node), proceed);
    expect(ran).toEqual([2, 3]);
  });

  test('a duplicate edge does not change the order', async () => {
    const ran: number[] = [];
    await runInOrder(forwards([[], [0, 0]], [1, 0]), (node) => void ran.push(node), proceed);
    expect(ran).toEqual([0, 1]);
  });

  test('the order of any graph is the first one, by declaration, that its edges allow', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, async (needs) => {
        const ran: number[] = [];
        await runInOrder(forwards(needs, [...needs.keys()]), (node) => void ran.push(node), proceed);
        const expected: number[] = [];
        const canRun = (node: number): boolean =>
          !expected.includes(node) && needs[node]!.every((need) => expected.includes(need));
        while (expected.length < needs.length) expected.push(needs.findIndex((_, node) => canRun(node)));
        expect(ran).toEqual(expected);

        const undone: number[] = [];
        await runInOrder(backwards(needs, ran), (node) => void undone.push(node), proceed);
        expect(undone).toEqual(ran.toReversed());
      }),
    );
  });

  test('an empty order resolves immediately', async () => {
    await expect(runInOrder(forwards([], []), () => expect.unreachable(), proceed)).resolves.toBeUndefined();
  });
});

test('each node runs as soon as its last need has finished, regardless of other running nodes', async () => {
  const gates = Array.from({ length: 5 }, () => new Deferred());
  const started: number[] = [];
  const done = runInOrder(
    forwards([[], [], [0], [0, 1], [2]], [0, 1, 2, 3, 4]),
    (node) => {
      started.push(node);
      return gates[node]!.promise;
    },
    proceed,
  );
  expect(started).toEqual([0, 1]);
  gates[0]!.resolve();
  await settled();
  expect(started).toEqual([0, 1, 2]);
  gates[2]!.resolve();
  await settled();
  expect(started).toEqual([0, 1, 2, 4]);
  gates[1]!.resolve();
  await settled();
  expect(started).toEqual([0, 1, 2, 4, 3]);
  for (const gate of gates) gate.resolve();
  await done;
});

describe('a failing node', () => {
  test("no further node starts after 'stop', and running nodes are awaited", async () => {
    const gate = new Deferred();
    const ran: number[] = [];
    const errors: unknown[] = [];
    let isDone = false;
    const done = runInOrder(
      forwards([[], [], [1], [0]], [0, 1, 2, 3]),
      (node) => {
        ran.push(node);
        if (node === 0) return Promise.reject(new Error('no'));
        return gate.promise;
      },
      (error, node) => {
        errors.push([String(error), node]);
        return 'stop';
      },
    ).then(() => (isDone = true));
    await settled();
    expect(isDone).toBe(false);
    gate.resolve();
    await done;
    expect(ran).toEqual([0, 1]);
    expect(errors).toEqual([['Error: no', 0]]);
  });

  test("dependent nodes still run after 'continue'", async () => {
    const ran: number[] = [];
    const errors: unknown[] = [];
    await runInOrder(
      forwards([[], [0], [1]], [0, 1, 2]),
      (node) => {
        ran.push(node);
        if (node === 0) throw new Error('sync');
        if (node === 1) return Promise.reject(new Error('later'));
        return undefined;
      },
      (error) => {
        errors.push(String(error));
        return 'continue';
      },
    );
    expect(ran).toEqual([0, 1, 2]);
    expect(errors).toEqual(['Error: sync', 'Error: later']);
  });
});

test('a chain of 100,000 nodes does not overflow the call stack', async () => {
  const needs = Array.from({ length: 100_000 }, (_, index) => (index === 0 ? [] : [index - 1]));
  let ran = 0;
  await runInOrder(forwards(needs, [...needs.keys()]), () => void ran++, proceed);
  expect(ran).toBe(100_000);
});
