/** Describes the environment of a measurement: the machine, and the versions of the measured packages. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Subject } from './workload.ts';

export function machineText(): string {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const { node, v8 } = process.versions;
  return `Node ${node} (V8 ${v8}), ${process.platform} ${process.arch}, ${processors.length} × ${processors[0]?.model.trim()}, ${memory} GB.`;
}

/** Returns the packages of the subjects with their versions, sorted. Subjects without a package are omitted. */
export function versionsOf(subjects: Iterable<Subject>): string[] {
  const packages = new Set(
    [...subjects].flatMap((subject) => (subject.package === undefined ? [] : [subject.package])),
  );
  return [...packages].sort().map((name) => `${name} ${versionOf(name)}`);
}

/** Finds a package in this folder's dependencies or, like the compiler, in those of the workspace. */
function versionOf(name: string): string {
  const folders = createRequire(import.meta.url).resolve.paths(name)!;
  const manifest = folders.map((folder) => join(folder, name, 'package.json')).find((file) => existsSync(file));
  if (manifest === undefined) throw new Error(`${name} is not installed`);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
