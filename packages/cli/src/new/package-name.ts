/** The rules of npm for names of new packages, and the names that this project cannot have. */
import { builtinModules } from 'node:module';

/** The packages that a new project depends on. A project with one of these names would import itself instead. */
const dependencies = new Set([
  '@asphalt/cli',
  '@asphalt/core',
  '@asphalt/integration',
  '@asphalt/sql',
  '@asphalt/testing',
  '@asphalt/web',
  '@types/node',
  'hono',
  'hono-openapi',
  'kysely',
  'rolldown',
  'rxjs',
  'typescript',
  'vitest',
  'zod',
]);

const mostCharacters = 214;

/** Returns why a name cannot be that of a new project, or undefined if it can. */
export function packageNameProblem(name: string): string | undefined {
  if (name.length > mostCharacters) return `A package name has at most ${mostCharacters} characters`;
  if (!pattern.test(name))
    return 'A package name consists of lower-case letters, digits, "-", "_" and ".", and starts with a letter or digit';
  if (reserved.has(name)) return `npm reserves the name ${name}`;
  if (builtinModules.includes(name)) return `${name} is a module of Node`;
  if (dependencies.has(name)) return `The project depends on the package ${name}`;
  return undefined;
}

const pattern = /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/;

const reserved = new Set(['node_modules', 'favicon.ico']);

/** Converts the name of a folder into a package name that npm accepts. */
export function packageNameFor(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .slice(0, mostCharacters - suffix.length)
    .replace(/^[-._]+|-+$/g, '');
  if (name === '') return `my${suffix}`;
  return packageNameProblem(name) === undefined ? name : `${name}${suffix}`;
}

/** Returns a name that is similar to one with a problem. Keeps its scope. */
export function similarPackageName(name: string): string {
  const [, scope = '', rest = ''] = /^(@[a-z0-9][a-z0-9._-]{0,100}\/)?(.*)$/s.exec(name.toLowerCase()) ?? [];
  const similar = scope + packageNameFor(rest).slice(0, mostCharacters - suffix.length - scope.length);
  return packageNameProblem(similar) === undefined ? similar : `${similar}${suffix}`;
}

const suffix = '-app';
