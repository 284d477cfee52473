import { expect, it } from 'vitest';
import { asphalt } from '../src/start/asphalt.ts';
import { chainGraph } from '../src/start/graph.ts';
import { projectOf, writeProject } from '../src/start/programs.ts';
import { checkTypes } from '../src/workloads/compile.ts';

it('a program whose need has another type than its parameter has no time', { timeout: 60_000 }, () => {
  const write = (): string => asphalt.write(chainGraph(3)).replace('@inject(Service1)', '@inject(Service0)');
  writeProject('compile-test', 'asphalt', { ...asphalt, write }, chainGraph(3));
  expect(() => checkTypes(projectOf('compile-test', 'asphalt'))).toThrow(
    /does not compile: .*asphalt\.ts.* error TS1239/,
  );
  writeProject('compile-test', 'asphalt', asphalt, chainGraph(3));
  expect(checkTypes(projectOf('compile-test', 'asphalt')).beside!['instantiations']).toBeGreaterThan(100);
});
