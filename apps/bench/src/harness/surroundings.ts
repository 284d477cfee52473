/** Describes the environment of a measurement: the machine, and the versions of the measured packages. */
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
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

function versionOf(name: string): string {
  const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
