import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockingPlace, tellingSamples } from '../src/blocking-place.ts';
import type { StackFrame } from '../src/index.ts';

function frame(name: string, file = '/app/main.ts', line = 1): StackFrame {
  return { function: name, file, line, column: 1 };
}

function sample(...frames: StackFrame[]) {
  return { at: 0, frames, component: undefined };
}

test('the innermost function of the program is named, not those of Node and of packages', () => {
  const frames = [
    frame('now', 'node:perf_hooks'),
    frame('hash', '/app/node_modules/bcryptjs/index.js'),
    frame('login'),
  ];
  expect(blockingPlace([sample(...frames)]).place).toEqual(frame('login'));
});

test('where there is no function of the program, the innermost is named', () => {
  const frames = [frame('hash', '/app/node_modules/bcryptjs/index.js'), frame('tick', 'node:internal')];
  expect(blockingPlace([sample(...frames)]).place).toEqual(frames[0]);
});

test('of several stacks, the innermost function that is in all of them is named', () => {
  const loop = frame('report');
  const samples = [sample(frame('sum'), loop, frame('main')), sample(frame('sort'), loop, frame('main'))];
  expect(blockingPlace(samples).place).toEqual(loop);
});

test('a function that calls itself is the same function only at the same depth', () => {
  const samples = [sample(frame('walk'), frame('walk'), frame('main')), sample(frame('walk'), frame('main'))];
  expect(blockingPlace(samples).place).toEqual(frame('walk'));
});

test('stacks that have nothing in common are told by the first', () => {
  expect(blockingPlace([sample(frame('one')), sample(frame('other'))]).place).toEqual(frame('one'));
});

test('without a stack there is no place', () => {
  expect(blockingPlace([])).toEqual({ place: undefined, stack: [], component: undefined });
});

test('whatever was seen, a place stands in the first stack', () => {
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

test('what was seen only just before the end does not count beside what was seen before', () => {
  const [early, late, last] = [500, 860, 980].map((at) => ({ ...sample(frame('crunch')), at }));
  expect(tellingSamples([early!, late!, last!], 0, 1000)).toEqual([early, late]);
  expect(tellingSamples([last!], 0, 1000)).toEqual([last]);
  expect(tellingSamples([], 0, 1000)).toEqual([]);
});
