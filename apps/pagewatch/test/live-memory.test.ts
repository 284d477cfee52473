import { expect, test } from 'vitest';
import { LiveMemory, type ChangeEvent } from '../src/live-memory.ts';

const frame = (id: number, size = 1): ChangeEvent => ({ name: 'change', id, data: 'x'.repeat(size) });
const ids = (memory: LiveMemory, after: number): number[] => memory.after(after).map(({ id }) => id);

test('an empty memory covers later changes', () => {
  const memory = new LiveMemory(7);
  expect([memory.newestId, memory.covers(6), memory.covers(7)]).toEqual([7, false, true]);
  expect(ids(memory, 7)).toEqual([]);
});

test('the memory returns the changes after an id in order, even if ids are missing', () => {
  const memory = new LiveMemory(0);
  for (const id of [1, 2, 5, 6]) memory.add(frame(id));
  expect(ids(memory, 0)).toEqual([1, 2, 5, 6]);
  expect(ids(memory, 3)).toEqual([5, 6]);
  expect(ids(memory, 6)).toEqual([]);
  expect(ids(memory, 9)).toEqual([]);
});

test('the number of changes is bounded, and the oldest ones are removed first', () => {
  const memory = new LiveMemory(0);
  for (let id = 1; id <= 5_200; id += 1) memory.add(frame(id));
  expect([memory.covers(199), memory.covers(200)]).toEqual([false, true]);
  expect(ids(memory, 200)[0]).toBe(201);
});

test('the size of the text is bounded, but the newest change is kept', () => {
  const memory = new LiveMemory(0);
  for (let id = 1; id <= 3; id += 1) memory.add(frame(id, 5_000_000));
  expect([memory.covers(1), memory.covers(2)]).toEqual([false, true]);
  memory.add(frame(4, 50_000_000));
  expect(ids(memory, 3)).toEqual([4]);
});
