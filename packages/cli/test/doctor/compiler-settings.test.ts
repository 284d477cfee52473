import { join } from 'node:path';
import { tempFolder } from '@asphalt/test-support';
import { expect, test } from 'vitest';
import { checkCompilerSettings } from '../../src/doctor/compiler-settings.ts';

/** Returns the findings about a project with these files, without the folder's name. */
function findings(files: Readonly<Record<string, unknown>>): string[] {
  const texts = Object.entries(files).map(([name, content]) => [
    name,
    typeof content === 'string' ? content : JSON.stringify(content),
  ]);
  const folder = tempFolder(Object.fromEntries(texts) as Record<string, string>);
  const project = { folder, manifestFile: undefined, manifest: {}, sources: [join(folder, 'app.ts')] };
  return checkCompilerSettings(project).map(({ verdict, summary }) =>
    `${verdict}: ${summary}`.replaceAll(`${folder}/`, ''),
  );
}

const good = {
  strict: true,
  experimentalDecorators: true,
  useDefineForClassFields: false,
  emitDecoratorMetadata: true,
};
const withOptions = (compilerOptions: object): string[] => findings({ 'tsconfig.json': { compilerOptions } });

test('accepts the settings that components require', () => {
  expect(withOptions(good)).toEqual(['ok: tsconfig.json has the settings that components require']);
});

test('follows settings to extended files and referenced projects', () => {
  const files = {
    'base.json': { compilerOptions: good },
    'good/tsconfig.json': { extends: ['../base.json'], compilerOptions: { target: 'es2022' } },
    'bad.json': { extends: './base.json', compilerOptions: { experimentalDecorators: false } },
    'tsconfig.json': { files: [], references: [{ path: 'good' }, { path: 'bad.json' }] },
  };
  expect(findings(files)).toEqual([
    'ok: good/tsconfig.json has the settings that components require',
    'wrong: bad.json does not set "experimentalDecorators"',
  ]);
});

test.each([
  [{ experimentalDecorators: false }, 'wrong: tsconfig.json does not set "experimentalDecorators"'],
  [{ useDefineForClassFields: true }, 'wrong: tsconfig.json does not set "useDefineForClassFields" to false'],
  [
    { useDefineForClassFields: undefined, target: 'es2022' },
    'wrong: tsconfig.json does not set "useDefineForClassFields" to false',
  ],
  [{ target: 'es5' }, 'wrong: tsconfig.json has "target": "es5"'],
  [{ module: 'commonjs' }, 'wrong: tsconfig.json has "module": "commonjs"'],
  [{ moduleResolution: 'node' }, 'wrong: tsconfig.json has "moduleResolution": "node10"'],
])('reports %j as wrong', (options, finding) => {
  expect(withOptions({ ...good, ...options })).toContain(finding);
});

test.each([
  [{ strict: false }, 'note: tsconfig.json does not set "strict"'],
  [{ emitDecoratorMetadata: false }, 'note: tsconfig.json does not set "emitDecoratorMetadata"'],
])('notes %j', (options, note) => {
  const ok = 'ok: tsconfig.json has the settings that components require';
  expect(withOptions({ ...good, ...options })).toEqual([ok, note]);
});

test('reports a missing or unreadable tsconfig.json as wrong', () => {
  expect(findings({})).toEqual(['wrong: No tsconfig.json found']);
  expect(findings({ 'tsconfig.json': { extends: './gone.json' } })).toEqual(['wrong: Cannot read tsconfig.json']);
});
