import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockingPlace, relevantSamples } from '../src/blocking-place.ts';
import type { StackFrame } from '../src/index.ts';

function frame(name: string, file = '/app/main.ts', line = 1): StackFrame {
  return { function: name, file, line, column: 1 };
}

function sample(...frames: StackFrame[]) {
  return { at: 0, frames, owners: [], functions: [] };
}

test('the place is the innermost function of the program, not one of Node or a package', () => {
  const frames = [
    frame('now', 'node:perf_hooks'),
    frame('hash', '/app/node_modules/bcryptjs/index.js'),
    frame('login'),
  ];
  expect(blockingPlace([sample(...frames)]).place).toEqual(frame('login'));
});

test('the place is in the earliest stack that contains a function of the program', () => {
  const node = frame('runMicrotasks', 'node:internal/process/task_queues');
  const samples = [sample(node), sample(frame('load'), node), sample(frame('store'), node)];
  expect(blockingPlace(samples)).toMatchObject({ place: frame('load'), stack: samples[1]!.frames });
});

test.each([
  ['a package', [frame('now', 'node:perf_hooks'), frame('hash', '/app/node_modules/bcryptjs/index.js')], 'hash'],
  ['Node', [frame('insert', 'node:internal/timers'), frame('tick', 'node:internal/timers')], 'insert'],
])('without a function of the program, the place is in %s', (_, frames, name) => {
  expect(blockingPlace([sample(...frames)]).place?.function).toBe(name);
});

test('code in WebAssembly is no function of the program', () => {
  const frames = [frame('$func43', 'wasm://wasm/0002f80e'), frame('parse')];
  expect(blockingPlace([sample(...frames)]).place).toEqual(frame('parse'));
});

test('the place is the innermost function that is in all stacks', () => {
  const loop = frame('report');
  const samples = [sample(frame('sum'), loop, frame('main')), sample(frame('sort'), loop, frame('main'))];
  expect(blockingPlace(samples).place).toEqual(loop);
});

test('a recursive function is the same function only at the same depth', () => {
  const samples = [sample(frame('walk'), frame('walk'), frame('main')), sample(frame('walk'), frame('main'))];
  expect(blockingPlace(samples).place).toEqual(frame('walk'));
});

test('the first stack decides if the stacks have no function in common', () => {
  expect(blockingPlace([sample(frame('one')), sample(frame('other'))]).place).toEqual(frame('one'));
});

test('the place is undefined without a stack', () => {
  expect(blockingPlace([])).toEqual({ place: undefined, stack: [], owners: [], functions: [] });
});

test('the place is in the returned stack, and in the program if any stack contains a function of the program', () => {
  const frames = fc.array(
    fc.record({
      function: fc.constantFrom('a', 'b', 'c'),
      file: fc.constantFrom('/app/x.ts', 'node:fs', '/node_modules/p/i.js', ''),
      line: fc.constant(1),
      column: fc.constant(1),
    }),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(fc.array(frames, { minLength: 1, maxLength: 4 }), (stacks) => {
      const { place, stack } = blockingPlace(stacks.map((each) => sample(...each)));
      const isOwn = (each: StackFrame | undefined): boolean => each?.file === '/app/x.ts';
      expect(stack).toEqual(stacks.find((each) => each.some(isOwn)) ?? stacks[0]);
      expect(stack).toContain(place);
      expect(isOwn(place)).toBe(stack.some(isOwn));
    }),
  );
});

test('a sample just before the end of a delay counts only without earlier samples', () => {
  const [early, late, last] = [500, 860, 980].map((at) => ({ ...sample(frame('crunch')), at }));
  expect(relevantSamples([early!, late!, last!], 0, 1000)).toEqual([early, late]);
  expect(relevantSamples([last!], 0, 1000)).toEqual([last]);
  expect(relevantSamples([], 0, 1000)).toEqual([]);
});
