import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Manifest, Project } from './finding.ts';

export function readProject(folder: string): Project {
  const manifestFile = nearest(folder, 'package.json');
  const manifest = manifestFile === undefined ? {} : readManifest(manifestFile);
  return { folder, manifestFile, manifest, sources: typeScriptIn(folder) };
}

export function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}

function nearest(folder: string, name: string): string | undefined {
  const candidate = join(folder, name);
  if (existsSync(candidate)) return candidate;
  return dirname(folder) === folder ? undefined : nearest(dirname(folder), name);
}

/** Excludes declaration files and configuration files of tools, which do not belong to an application. */
const isSource = /(?<!\.d|\.config|\.workspace)\.[cm]?tsx?$/;

/** Lists TypeScript files. Skips installed packages, hidden folders and nested packages. */
function typeScriptIn(root: string): string[] {
  const found: string[] = [];
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isFile() && isSource.test(entry.name)) found.push(path);
      if (!entry.isDirectory() || entry.name === 'node_modules' || entry.name.startsWith('.')) continue;
      if (!existsSync(join(path, 'package.json'))) folders.push(path);
    }
  }
  return found.sort();
}
