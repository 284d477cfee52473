// Parses the sources of the workspace into data: for each file its number of lines, its imports within the workspace
// (types included), its exported names, its host interfaces and its mutable module-level variables.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseSync } from 'oxc-parser';
import { root } from '../setup.mjs';
import { declaredNames } from './names.mjs';

/** Reads every source below a folder, such as `packages/core/src`. @returns a map from path to source */
export function readSources(folder) {
  const files = existsSync(join(root, folder)) ? readdirSync(join(root, folder), { recursive: true }) : [];
  return new Map(
    files
      .filter((file) => /\.[cm]?ts$/.test(file) && !file.includes('node_modules'))
      .map((file) => join(folder, file))
      .map((path) => [path, describeSource(path, readFileSync(join(root, path), 'utf8'))]),
  );
}

/** Describes one source. @throws an error that names the file if it does not parse */
export function describeSource(path, content) {
  const { program, module, errors } = parseSync(path, content);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
  const statements = program.body.map((statement) => statement.declaration ?? statement);
  return {
    path,
    lines: content.split('\n').length - 1,
    imports: importsOf(path, module),
    exportedNames: module.staticExports.flatMap(({ entries }) => entries.map(({ exportName }) => exportName.name)),
    hostInterfaces: statements
      .filter(({ type, id }) => type === 'TSInterfaceDeclaration' && id.name.endsWith('Host'))
      .map(({ id }) => id.name),
    declaredNames: declaredNames(program),
    mutableVariables: statements
      .filter(({ type, kind, declare }) => type === 'VariableDeclaration' && kind !== 'const' && !declare)
      .flatMap(({ declarations }) => declarations.map(({ id }) => id.name)),
  };
}

/** Returns the files that a module statically imports or re-exports by a relative path. */
function importsOf(path, { staticImports, staticExports }) {
  const requests = [
    ...staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...staticExports.flatMap(({ entries }) => entries.map(({ moduleRequest }) => moduleRequest?.value)),
  ];
  const relatives = requests.filter((request) => request?.startsWith('.'));
  return [...new Set(relatives.map((request) => relative(root, resolve(root, dirname(path), request))))];
}
