/** Finds multiple copies of packages that an application should have only once. */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { shortPath } from '../terminal/place-text.ts';
import type { Finding, Manifest, Project } from './finding.ts';
import { readManifest } from './project.ts';

/** The packages that should be installed once, each with the verdict on several copies and the reason. */
const single: Readonly<Record<string, Pick<Finding, 'verdict' | 'details'>>> = {
  '@asphalt/core': {
    verdict: 'wrong',
    details: ['one copy cannot start components of the other, because each copy keeps its own decorator metadata'],
  },
  inversify: {
    verdict: 'note',
    details: ['`instanceof` fails for a container of the other copy, and the compiler treats their types as different'],
  },
  rxjs: {
    verdict: 'note',
    details: [
      '`instanceof` fails for an Observable of the other copy, and the compiler treats their types as different',
    ],
  },
  kysely: {
    verdict: 'note',
    details: ['the compiler treats a `Database` and the types of the other copy as different'],
  },
  hono: {
    verdict: 'note',
    details: ['the compiler treats a `WebApp` and the types of the other copy as different'],
  },
  'reflect-metadata': {
    verdict: 'note',
    details: ['copies share their records, so this costs only the time to load them'],
  },
};

interface Copy {
  readonly folder: string;
  readonly version: string;
  /** The first dependent package that the search finds. */
  readonly usedBy: string;
}

export function checkCopies({ manifestFile, sources }: Project): Finding[] {
  if (manifestFile === undefined) return [];
  const copies = findCopies(dirname(manifestFile));
  const sorted = [...copies].sort(([a], [b]) => (a < b ? -1 : 1));
  const findings = sorted.map(([name, found]): Finding => {
    const [first, ...others] = found;
    if (others.length === 0) return { verdict: 'ok', summary: `${name} ${first!.version} is installed once` };
    const { verdict, details = [] } = single[name]!;
    return {
      verdict,
      summary: `${name} is installed ${found.length} times`,
      details: [
        ...found.map(({ version, folder, usedBy }) => `${version} in ${shortPath(folder)}, used by ${usedBy}`),
        ...details,
      ],
      help: `install a single version: run npm dedupe, or set the version under "overrides" in package.json`,
    };
  });
  if (copies.has('@asphalt/core') || sources.length === 0) return findings;
  return [
    { verdict: 'wrong', summary: '@asphalt/core is not installed', help: 'run npm install @asphalt/core rxjs' },
    ...findings,
  ];
}

/** Follows the dependencies of a package transitively, as Node resolves them. Visits each package once. */
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
