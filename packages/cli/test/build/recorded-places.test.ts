/** The places of decorators in a built application, which its bundle contains. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { appWith, asphalt, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

const files = {
  'src/app.ts': `
import { Component, component, inject as need, provides, token } from '@asphalt/core';
import { Plain } from './plain.js';

const Answer = token<number>('Answer');
const named = <T>(id: T): T => id; // Größe 🙂

@component()
class Source extends Component {
  @provides(Answer)
  answer(): number { return 42; }
}

@component()
class User extends Component {
  @need<number>(named(Answer)) declare readonly first: number;

  override start(
    @need(Answer) _second: number, @need(Answer, { name: 'other', optional: true }) _third?: number,
  ): void {}
}

@component({ components: { source: Source, user: User, plain: Plain } })
export class App extends Component {}
`,
  // As a compiler writes it.
  'src/plain.js': `
import { Component, inject, token } from '@asphalt/core';

export class Plain extends Component {}
inject(token('Missing'), { name: 'x', optional: true })(Plain.prototype, 'first');
const shadow = (inject) => inject(1);
if (shadow((value) => value + 1) !== 2) throw new Error('shadowed');
`,
  'asphalt.yaml': 'component: { type: "./src/app.ts:App" }',
};

let folder: string;

beforeAll(async () => {
  folder = appWith(files);
  expect(await asphalt(folder, ['build', 'asphalt.yaml', '--no-warm'])).toMatchObject({ code: 0, stderr: '' });
}, 60_000);

test('are those of the sources', { timeout: 60_000 }, async () => {
  const without = ['--set', 'component.components.source.enabled=false'];
  const unbuilt = await asphalt(folder, ['run', 'asphalt.yaml', ...without]);
  expect(unbuilt.stderr).toMatch(/src\/app\.ts:16\b/);
  expect(unbuilt.stderr).toMatch(/src\/app\.ts:19\b/);
  const built = await asphalt(folder, without, { program: join(folder, 'dist/main.js') });
  expect(built.stderr).toBe(unbuilt.stderr);
});

test('are in the bundle, for decorators of TypeScript and for those that a compiler has written', () => {
  const bundle = readdirSync(join(folder, 'dist')).find((name) => name.endsWith('.cjs'))!;
  const text = readFileSync(join(folder, 'dist', bundle), 'utf8');
  const places = Array.from(text.matchAll(/\bat\((\w+), asphaltFile\S*, (\d+), (\d+)\)/g), (match) => match.slice(1));
  expect(places).toEqual([
    ['inject', '5', '1'],
    // A parameter with the name of a decorator, which the call does not notice.
    ['inject', '6', '28'],
    ['provides', '10', '4'],
    ['component', '8', '2'],
    ['inject', '16', '4'],
    ['inject', '19', '6'],
    ['inject', '19', '37'],
    ['component', '14', '2'],
    ['component', '23', '2'],
  ]);
});
