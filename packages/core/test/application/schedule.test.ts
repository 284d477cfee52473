import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backwards, forwards, runInOrder } from '../../src/application/schedule.ts';
import { Gate, settled } from './gate.ts';

/** The needs of up to thirty nodes, in any order that has no ring. */
const graphs = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { maxLength: 30 }).chain((picks) => {
  const needs = picks.map((pick, node) => (node === 0 ? [] : pick.map((number) => number % node)));
  return fc.shuffledSubarray([...needs.keys()], { minLength: needs.length }).map((places) => {
    const shuffled: number[][] = [];
    for (const [node, place] of places.entries()) shuffled[place] = needs[node]!.map((need) => places[need]!);
    return shuffled;
  });
});

const goOn = (): 'continue' => 'continue';

/** 3 waits for 1 and 2, both of which wait for 0; 4 waits for nobody. */
const diamond = [[], [0], [0], [1, 2], []];

describe('the order', () => {
  test('forwards: after what is needed, else as declared', async () => {
    const ran: number[] = [];
    await runInOrder(forwards([[3], [0], [], []], [0, 1, 2, 3]), (node) => void ran.push(node), goOn);
    expect(ran).toEqual([2, 3, 0, 1]);
  });

  test('backwards: before what was needed, else the other way round', async () => {
    const ran: number[] = [];
    await runInOrder(backwards(diamond, [0, 1, 2, 3, 4]), (node) => void ran.push(node), goOn);
    expect(ran).toEqual([4, 3, 2, 1, 0]);
  });

  test('of some of the nodes does not wait for the others', async () => {
    const ran: number[] = [];
    await runInOrder(forwards(diamond, [3, 2]), (node) => void ran.push(node), goOn);
    expect(ran).toEqual([2, 3]);
  });

  test('is kept where an arrow is there twice', async () => {
    const ran: number[] = [];
    await runInOrder(forwards([[], [0, 0]], [1, 0]), (node) => void ran.push(node), goOn);
    expect(ran).toEqual([0, 1]);
  });

  test('of any graph is the first in the order of declaration that its arrows allow', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, async (needs) => {
        const ran: number[] = [];
        await runInOrder(forwards(needs, [...needs.keys()]), (node) => void ran.push(node), goOn);
        const expected: number[] = [];
        const canRun = (node: number): boolean =>
          !expected.includes(node) && needs[node]!.every((need) => expected.includes(need));
        while (expected.length < needs.length) expected.push(needs.findIndex((_, node) => canRun(node)));
        expect(ran).toEqual(expected);

        const undone: number[] = [];
        await runInOrder(backwards(needs, ran), (node) => void undone.push(node), goOn);
        expect(undone).toEqual(ran.toReversed());
      }),
    );
  });

  test('of nothing is done at once', async () => {
    await expect(runInOrder(forwards([], []), () => expect.unreachable(), goOn)).resolves.toBeUndefined();
  });
});

test('each node runs the moment its last need is there, whatever else is under way', async () => {
  const gates = Array.from({ length: 5 }, () => new Gate());
  const begun: number[] = [];
  const done = runInOrder(
    forwards([[], [], [0], [0, 1], [2]], [0, 1, 2, 3, 4]),
    (node) => {
      begun.push(node);
      return gates[node]!.opened;
    },
    goOn,
  );
  expect(begun).toEqual([0, 1]);
  gates[0]!.open();
  await settled();
  expect(begun).toEqual([0, 1, 2]);
  gates[2]!.open();
  await settled();
  expect(begun).toEqual([0, 1, 2, 4]);
  gates[1]!.open();
  await settled();
  expect(begun).toEqual([0, 1, 2, 4, 3]);
  for (const gate of gates) gate.open();
  await done;
});

describe('a node that fails', () => {
  test('and is to stop the rest: nothing begins any more, what is under way ends', async () => {
    const gate = new Gate();
    const ran: number[] = [];
    const errors: unknown[] = [];
    let isDone = false;
    const done = runInOrder(
      forwards([[], [], [1], [0]], [0, 1, 2, 3]),
      (node) => {
        ran.push(node);
        if (node === 0) return Promise.reject(new Error('no'));
        return gate.opened;
      },
      (error, node) => {
        errors.push([String(error), node]);
        return 'stop';
      },
    ).then(() => (isDone = true));
    await settled();
    expect(isDone).toBe(false);
    gate.open();
    await done;
    expect(ran).toEqual([0, 1]);
    expect(errors).toEqual([['Error: no', 0]]);
  });

  test('and is not to: those who wait for it run all the same', async () => {
    const ran: number[] = [];
    const errors: unknown[] = [];
    await runInOrder(
      forwards([[], [0], [1]], [0, 1, 2]),
      (node) => {
        ran.push(node);
        if (node === 0) throw new Error('at once');
        if (node === 1) return Promise.reject(new Error('later'));
        return undefined;
      },
      (error) => {
        errors.push(String(error));
        return 'continue';
      },
    );
    expect(ran).toEqual([0, 1, 2]);
    expect(errors).toEqual(['Error: at once', 'Error: later']);
  });
});

test('depth costs no call stack', async () => {
  const needs = Array.from({ length: 100_000 }, (_, index) => (index === 0 ? [] : [index - 1]));
  let ran = 0;
  await runInOrder(forwards(needs, [...needs.keys()]), () => void ran++, goOn);
  expect(ran).toBe(100_000);
});
