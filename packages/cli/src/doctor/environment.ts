/** Checks the version of Node and the module type of the package. */
import { ownManifest } from '../terminal/package-files.ts';
import { shortPath } from '../terminal/place-text.ts';
import type { Finding, Project } from './finding.ts';

export function checkNode(version = process.versions.node): Finding {
  const wanted = ownManifest().engines.node.replace('>=', '');
  if (isAtLeast(version, wanted)) return { verdict: 'ok', summary: `Node ${version}` };
  return {
    verdict: 'wrong',
    summary: `Node ${version} is older than ${wanted}`,
    help: `install Node ${wanted} or newer`,
  };
}

function isAtLeast(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

export function checkManifest({ manifest, manifestFile, sources }: Project): Finding {
  if (manifestFile === undefined)
    return {
      verdict: 'wrong',
      summary: 'No package.json found',
      help: 'create one: npm init --yes --init-type=module',
    };
  const file = shortPath(manifestFile);
  if (manifest.type === 'module') return { verdict: 'ok', summary: `${file} declares ES modules` };
  return {
    // .mts files are ES modules regardless of the package.json.
    verdict: sources.every((source) => source.endsWith('.mts')) ? 'note' : 'wrong',
    summary: `${file} declares CommonJS modules`,
    details: ['applications must be ES modules'],
    help: `write "type": "module" into ${file}`,
  };
}
