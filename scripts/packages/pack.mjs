// Packs the public packages as pnpm would publish them.

import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../setup.mjs';

/** Returns the manifests of the packages that are published. */
export function publicPackages() {
  return readdirSync(join(root, 'packages'))
    .map((folder) => JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')))
    .filter((manifest) => !manifest.private);
}

/** Packs packages of this checkout into a folder. @returns the paths of the tarballs, by name */
export async function pack(names, folder) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const filter = names.flatMap((name) => ['--filter', name]);
  const args = ['--yes', packageManager, '--pm-on-fail=ignore', ...filter, 'pack', '--pack-destination', folder];
  await promisify(execFile)('npx', args, { cwd: root });
  const files = readdirSync(folder);
  return new Map(
    names.map((name) => {
      const start = `${name.replace('@', '').replace('/', '-')}-`;
      return [
        name,
        join(
          folder,
          files.find((file) => file.startsWith(start) && file.endsWith('.tgz')),
        ),
      ];
    }),
  );
}
