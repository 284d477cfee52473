/** Finds packages that are installed more than once although an application should have one copy of each. */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { shortPath } from '../terminal/place-text.ts';
import type { Finding, Manifest, Project } from './finding.ts';
import { readManifest } from './project.ts';

/** Why there should be one copy of a package, and how bad it is if there are more. */
const single: Readonly<Record<string, Pick<Finding, 'verdict' | 'details'>>> = {
  '@asphalt/core': {
    verdict: 'wrong',
    details: ['components of one copy cannot be started by the other: their decorators write records of their own'],
  },
  inversify: {
    verdict: 'note',
    details: ['a container of one copy is no `instanceof` the other, and the compiler takes their types for different'],
  },
  rxjs: {
    verdict: 'note',
    details: [
      'an Observable of one copy is no `instanceof` the other, and the compiler takes their types for different',
    ],
  },
  'reflect-metadata': {
    verdict: 'note',
    details: ['copies share what they record, so this costs only the time to load them'],
  },
};

interface Copy {
  readonly folder: string;
  readonly version: string;
  /** The first package that was found to use it. */
  readonly usedBy: string;
}

export function checkCopies({ manifestFile, sources }: Project): Finding[] {
  if (manifestFile === undefined) return [];
  const copies = findCopies(dirname(manifestFile));
  const findings = Array.from(copies, ([name, found]): Finding => {
    const [first, ...others] = found;
    if (others.length === 0) return { verdict: 'ok', summary: `${name} ${first!.version} is there once` };
    const { verdict, details = [] } = single[name]!;
    return {
      verdict,
      summary: `${name} is there ${found.length} times`,
      details: [
        ...found.map(({ version, folder, usedBy }) => `${version} in ${shortPath(folder)}, for ${usedBy}`),
        ...details,
      ],
      help: `have all of them take one version: run npm dedupe, or set it under "overrides" in package.json`,
    };
  });
  if (copies.has('@asphalt/core') || sources.length === 0) return findings;
  return [
    { verdict: 'wrong', summary: '@asphalt/core is not installed', help: 'run npm install @asphalt/core' },
    ...findings,
  ];
}

/** Follows the dependencies from one package on, as Node finds them, each package once. */
function findCopies(root: string): Map<string, Copy[]> {
  const copies = new Map<string, Copy[]>();
  const seen = new Set([root]);
  for (const folder of seen) {
    const manifest = readManifest(join(folder, 'package.json'));
    for (const name of dependenciesOf(manifest, folder === root)) {
      const found = installed(name, folder);
      if (found === undefined || seen.has(found)) continue;
      seen.add(found);
      if (!Object.hasOwn(single, name)) continue;
      const { version = '' } = readManifest(join(found, 'package.json'));
      const copy = { folder: found, version, usedBy: manifest.name ?? 'this package' };
      copies.set(name, [...(copies.get(name) ?? []), copy]);
    }
  }
  return copies;
}

function dependenciesOf(manifest: Manifest, isRoot: boolean): string[] {
  const { dependencies, optionalDependencies, peerDependencies, devDependencies } = manifest;
  return Object.keys({
    ...dependencies,
    ...optionalDependencies,
    ...peerDependencies,
    ...(isRoot ? devDependencies : {}),
  });
}

function installed(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
    if (folder === dirname(folder)) return undefined;
  }
}
