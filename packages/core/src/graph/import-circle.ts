/** Finds modules that import each other, by reading the `import` statements of their sources. Only for messages. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Returns the shortest circle of relative imports through a module, from the module to itself. */
export function importCircle(file: string): string[] | undefined {
  const paths = new Map<string, readonly string[]>([[file, [file]]]);
  for (const [from, path] of paths) {
    for (const specifier of importsOf(from)) {
      const to = importedModule(from, specifier);
      if (to === file) return [...path, file];
      if (to !== undefined && !paths.has(to)) paths.set(to, [...path, to]);
    }
  }
  return undefined;
}

/** Matches imports and re-exports that exist at run time, with the module in the first group. */
const importPattern = /^\s*(?:import|export)\s+(?!type\b)(?:[^'";]*?\sfrom\s*)?['"](\.[^'"]+)['"]/gm;

function importsOf(file: string): string[] {
  try {
    return Array.from(readFileSync(file, 'utf8').matchAll(importPattern), ([, specifier]) => specifier!);
  } catch {
    // A module that cannot be read has no imports that matter here.
    return [];
  }
}

/** Returns the file that a relative import names. The name may be that of the compiled file, or have no extension. */
export function importedModule(from: string, specifier: string): string | undefined {
  const path = resolve(dirname(from), specifier);
  const candidates = [
    path,
    path.replace(/js$/, 'ts'),
    path.replace(/\.jsx?$/, '.tsx'),
    `${path}.ts`,
    `${path}/index.ts`,
  ];
  return candidates.find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}
