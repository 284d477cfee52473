import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { projectKinds } from '../../src/new/kinds.ts';
import { packageNameFor, packageNameProblem, similarPackageName } from '../../src/new/package-name.ts';

test.each([
  ['node_modules', 'npm reserves the name node_modules'],
  ['http', 'http is a module of Node'],
  ['vitest', 'The project depends on the package vitest'],
  ['@asphalt/core', 'The project depends on the package @asphalt/core'],
  ['a'.repeat(215), 'A package name has at most 214 characters'],
  ['.hidden', expect.stringContaining('starts with a letter or digit')],
  ['My Shop', expect.stringContaining('lower-case letters')],
  ["it's", expect.stringContaining('lower-case letters')],
])('the name %s has a problem', (name, problem) => {
  expect(packageNameProblem(name)).toEqual(problem);
});

test.each(['shop', '@acme/shop', 'a', '2048', 'lib_x.y-z', 'core', '@acme/http'])('the name %s can be used', (name) => {
  expect(packageNameProblem(name)).toBeUndefined();
});

test('no dependency of a new project can be its name', () => {
  const names = projectKinds.flatMap((kind) => {
    const template = new URL(`../../template/${kind}/package.json`, import.meta.url);
    const { dependencies, devDependencies } = JSON.parse(readFileSync(template, 'utf8')) as Record<string, object>;
    return Object.keys({ ...dependencies, ...devDependencies });
  });
  expect(names.filter((name) => packageNameProblem(name) === undefined)).toEqual([]);
});

test.each([
  ['My Shop', 'my-shop'],
  ['vitest', 'vitest-app'],
  ['node_modules', 'node_modules-app'],
  ['', 'my-app'],
  ['…', 'my-app'],
])('the folder %j results in the name %s', (folder, name) => {
  expect(packageNameFor(folder)).toBe(name);
});

test('every folder and every faulty name results in a name that can be used', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ unit: fc.constantFrom('@', '/', '-', '.', '_', 'a', 'A', '1', ' '), maxLength: 300 }),
    fc.constantFrom('http', '@asphalt/core', '@asphalt/http', 'rxjs', 'node_modules'),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect(packageNameProblem(packageNameFor(text))).toBeUndefined();
      expect(packageNameProblem(similarPackageName(text))).toBeUndefined();
    }),
  );
});
