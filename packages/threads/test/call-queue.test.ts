import fc from 'fast-check';
import { queueOptionsSymbol } from 'piscina';
import { expect, test } from 'vitest';
import { CallQueue, type Task } from '../src/call-queue.ts';
import type { ThreadCall } from '../src/thread-call.ts';

const call = (id: number): ThreadCall => ({ id }) as ThreadCall;
const taskOf = (of: ThreadCall): Task => ({ [queueOptionsSymbol]: of }) as unknown as Task;
const callOf = (task: Task): ThreadCall =>
  (task as unknown as Record<typeof queueOptionsSymbol, ThreadCall>)[queueOptionsSymbol];

type Step = 'add' | 'take' | 'put back' | 'add again' | { readonly remove: number };

/** Operations of a queue; `remove` removes the call at a place. */
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<Step>('add') },
    { weight: 2, arbitrary: fc.constant<Step>('take') },
    fc.constantFrom<Step[]>('put back', 'add again'),
    fc.record({ remove: fc.nat(20) }),
  ),
  { maxLength: 200 },
);

/** Applies the steps to a queue and to a plain list of numbers. @returns the content of each after every step */
function played(all: readonly Step[]): { queue: number[][]; list: number[][] } {
  const queue = new CallQueue(callOf);
  const list: number[] = [];
  const taken: Task[] = [];
  const seen = { queue: [] as number[][], list: [] as number[][] };
  for (const [index, step] of all.entries()) {
    if (step === 'add') {
      list.push(index);
      queue.push(taskOf(call(index)));
    } else if (step === 'take') {
      list.shift();
      const task = queue.shift();
      if (task) taken.push(task);
    } else if (step === 'put back') {
      // Piscina does this if no thread is free for the task that it has taken.
      const task = taken.pop();
      if (task) list.unshift(callOf(task).id);
      if (task) queue.unshift(task);
    } else {
      const again = step === 'add again';
      const chosen = queue.at(again ? 0 : step.remove);
      const wasThere = chosen !== undefined && queue.removeCall(chosen);
      if (again && wasThere) queue.push(taskOf(chosen));
      if (!again) list.splice(step.remove, 1);
    }
    seen.list.push([...list]);
    seen.queue.push(Array.from({ length: queue.size }, (_, place) => queue.at(place)!.id));
  }
  return seen;
}

test('calls wait in the order of their creation after calls are put back, added again or removed', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const { queue, list } = played(all);
      expect(queue).toEqual(list);
    }),
  );
});

test('a call that does not wait cannot be removed', () => {
  const queue = new CallQueue(callOf);
  queue.push(taskOf(call(1)));
  expect(queue.removeCall(call(2))).toBe(false);
  expect(queue.size).toBe(1);
});

test('the queue returns thousands of calls in order', () => {
  const queue = new CallQueue(callOf);
  const ids = Array.from({ length: 5_000 }, (_, index) => index);
  for (const id of ids) queue.push(taskOf(call(id)));
  expect(ids.map(() => callOf(queue.shift()!).id)).toEqual(ids);
  expect([queue.shift(), queue.size, queue.at(0)]).toEqual([null, 0, undefined]);
});
