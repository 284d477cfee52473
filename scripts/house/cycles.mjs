// Finds cycles among files and among folders. Pure functions; they must not read files.

import { dirname } from 'node:path';

/**
 * Groups files that import each other, directly or through others.
 *
 * @param sources - a map from path to `{ imports }`
 * @returns for each cycle, its files in alphabetical order
 */
export function importCycles(sources) {
  const reachable = new Map([...sources.keys()].map((path) => [path, reachableFrom(path, sources)]));
  const seen = new Set();
  const cycles = [];
  for (const [path, targets] of reachable) {
    if (seen.has(path) || !targets.has(path)) continue;
    const cycle = [...targets].filter((other) => reachable.get(other)?.has(path)).sort();
    for (const member of cycle) seen.add(member);
    cycles.push(cycle);
  }
  return cycles;
}

/** Returns the pairs of folders that import each other. */
export function mutualFolders(sources) {
  const edges = new Set();
  for (const [path, { imports }] of sources)
    for (const target of imports)
      if (sources.has(target) && dirname(target) !== dirname(path)) edges.add(`${dirname(path)} ${dirname(target)}`);
  return [...edges]
    .map((edge) => edge.split(' '))
    .filter(([from, to]) => from < to && edges.has(`${to} ${from}`))
    .map(([from, to]) => `${from} ⇄ ${to}`);
}

function reachableFrom(start, sources) {
  const found = new Set();
  const pending = [...(sources.get(start)?.imports ?? [])];
  while (pending.length > 0) {
    const path = pending.pop();
    if (found.has(path)) continue;
    found.add(path);
    pending.push(...(sources.get(path)?.imports ?? []));
  }
  return found;
}
