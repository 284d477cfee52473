import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockingPlace, relevantSamples } from '../src/blocking-place.ts';
import type { StackFrame } from '../src/index.ts';

function frame(name: string, file = '/app/main.ts', line = 1): StackFrame {
  return { function: name, file, line, column: 1 };
}

function sample(...frames: StackFrame[]) {
  return { at: 0, frames, component: undefined };
}

test('the place is the innermost function of the program, not one of Node or a package', () => {
  const frames = [
    frame('now', 'node:perf_hooks'),
    frame('hash', '/app/node_modules/bcryptjs/index.js'),
    frame('login'),
  ];
  expect(blockingPlace([sample(...frames)]).place).toEqual(frame('login'));
});

test('the place is the innermost function if the stack contains no function of the program', () => {
  const frames = [frame('hash', '/app/node_modules/bcryptjs/index.js'), frame('tick', 'node:internal')];
  expect(blockingPlace([sample(...frames)]).place).toEqual(frames[0]);
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
  expect(blockingPlace([])).toEqual({ place: undefined, stack: [], component: undefined });
});

test('the place is always in the first stack', () => {
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
      expect(stack).toEqual(stacks[0]);
      expect(stack).toContain(place);
      const isOwn = (each: StackFrame | undefined): boolean => each?.file === '/app/x.ts';
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
