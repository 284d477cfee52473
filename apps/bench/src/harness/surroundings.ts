/** What figures depend on beside the code: the machine, and the versions of everything that was measured. */
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { Subject } from './workload.ts';

export function machineText(): string {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const { node, v8 } = process.versions;
  return `Node ${node} (V8 ${v8}), ${process.platform} ${process.arch}, ${processors.length} × ${processors[0]?.model.trim()}, ${memory} GB.`;
}

/** The packages behind the subjects with their versions, sorted; what is no package of its own has none. */
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
