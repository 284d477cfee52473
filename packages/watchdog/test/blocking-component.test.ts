import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { blockingComponent, blockingPurpose, type KnownComponent } from '../src/blocking-component.ts';
import type { DelayingComponent, StackFrame } from '../src/index.ts';

function frame(name: string, file: string, line = 1): StackFrame {
  return { function: name, file, line, column: 1 };
}

const web: DelayingComponent = { path: 'web', type: 'WebComponent' };
const reports: KnownComponent = { path: 'reports', type: 'Reports', place: { file: '/app/reports.ts', line: 4 } };

/** Returns the component for a stack, whose first call blocks. Each call may have a component as its `this`. */
function componentOf(
  calls: ReadonlyArray<readonly [StackFrame, DelayingComponent?]>,
  components: readonly KnownComponent[] = [
    { ...web, place: { file: '/app/node_modules/web/index.js', line: 9 } },
    reports,
  ],
): string | undefined {
  const stack = calls.map(([call]) => call);
  const owners = calls.map(([, owner]) => owner);
  return blockingComponent({ place: stack[0], stack, owners, functions: [] }, components)?.path;
}

const crunch = frame('crunch', '/app/crunch.ts');
const router = frame('dispatch', '/app/node_modules/router/index.js');
const server = [frame('fetch', '/app/node_modules/web/index.js'), web] as const;

test('the component is `this` of the method that calls the blocking function', () => {
  expect(componentOf([[crunch], [frame('build', '/app/build.ts'), reports]])).toBe('reports');
});

test('a component that calls code through a package does not own that code', () => {
  expect(componentOf([[crunch], [frame('show', '/app/routes.ts')], [router], server])).toBeUndefined();
  // The packages of a workspace are outside of node_modules.
  const linked = frame('fetch', '/workspace/packages/web/src/web-component.ts');
  expect(componentOf([[crunch], [router], [linked, web]])).toBeUndefined();
});

test('a handler belongs to the component in whose file it is', () => {
  expect(componentOf([[crunch], [frame('(anonymous)', '/app/reports.ts')], [router], server])).toBe('reports');
});

test('a function belongs to the component that has passed it on, and has its purpose', () => {
  const stack = [crunch, frame('handler', '/app/routes.ts'), router];
  const blocking = { place: crunch, stack, owners: [undefined, web, web], functions: ['1:0:0', '2:5:9', '3:0:0'] };
  const registered = new Map([['2:5:9', { component: 'reports', purpose: 'GET /report' }]]);
  expect(blockingComponent(blocking, [reports], registered)).toEqual({ path: 'reports', type: 'Reports' });
  expect(blockingPurpose(blocking, registered)).toBe('GET /report');
  // The component is unknown, but not the purpose.
  const unknown = new Map([['2:5:9', { component: undefined, purpose: 'GET /report' }]]);
  expect(blockingComponent(blocking, [reports], unknown)?.path).toBe('web');
  expect(blockingPurpose(blocking, unknown)).toBe('GET /report');
  expect(blockingPurpose(blocking, new Map())).toBeUndefined();
});

test('code of a package belongs to the component that calls it', () => {
  expect(componentOf([[router], server])).toBe('web');
  expect(componentOf([[router], [frame('build', '/app/build.ts'), reports], [router], server])).toBe('reports');
});

test('in a file with several components, code belongs to the one whose class contains it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'asphalt-watchdog-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'two.ts');
  const text = `@component({
  config,
})
export class One extends Component {
  start() {
    use(() => {});
  }
}

function helper() {}

@component()
class Two extends Component {
  start() {}
}
`;
  writeFileSync(file, text);
  const lineOf = (part: string): number => text.slice(0, text.indexOf(part)).split('\n').length;
  const components = [
    { path: 'one', type: 'One', place: { file, line: 1 } },
    { path: 'two', type: 'Two', place: { file, line: lineOf('@component()') } },
  ];
  const owner = (part: string): string | undefined => componentOf([[frame('', file, lineOf(part))]], components);
  expect(owner('use(')).toBe('one');
  expect(owner('start() {}')).toBe('two');
  expect(owner('function helper')).toBeUndefined();
  // Two components of one class cannot be distinguished.
  expect(componentOf([[frame('', file, 5)]], [...components, { ...components[0]!, path: 'three' }])).toBeUndefined();
});

test('in a missing or compiled file with several components, code belongs to none', () => {
  const components = [reports, { ...reports, path: 'other' }];
  expect(componentOf([[frame('', '/app/reports.ts', 5)]], components)).toBeUndefined();
});
