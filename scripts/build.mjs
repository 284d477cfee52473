// `npm run build`: compiles all packages with `tsc`, and bundles those with a rolldown.config.mjs.
// `npm run build -- packages/cli` builds one package and its dependencies.

import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { program, root, say, setup, succeeds } from './setup.mjs';

/** Builds some projects, or all without arguments. @returns whether all of them were built */
export async function build(projects = []) {
  if (!(await succeeds(program('tsc'), ['--build', ...projects]))) return false;
  const bundled = await Promise.all(staleBundles().map((folder) => bundle(folder)));
  return bundled.every(Boolean);
}

/** Returns the folders of the packages whose bundles are older than their sources. */
export function staleBundles() {
  return readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'rolldown.config.mjs')) && isStale(folder));
}

function isStale(folder) {
  const built = join(folder, 'dist/third-party-licences.txt');
  if (!existsSync(built)) return true;
  const sources = readdirSync(join(folder, 'src'), { recursive: true }).map((file) => join(folder, 'src', file));
  const settings = [
    join(folder, 'package.json'),
    join(folder, 'rolldown.config.mjs'),
    join(root, 'scripts/bundle.mjs'),
  ];
  const { mtimeMs } = statSync(built);
  return [...sources, ...settings].some((file) => statSync(file).mtimeMs > mtimeMs);
}

async function bundle(folder) {
  // Chunks of an older build would be published with the new ones.
  rmSync(join(folder, 'dist/chunks'), { recursive: true, force: true });
  // Imported here, because `setup()` may have to install it first.
  const rolldown = await import('rolldown');
  const { default: config } = await import(pathToFileURL(join(folder, 'rolldown.config.mjs')).href);
  try {
    await rolldown.build({ ...config, logLevel: 'warn' });
    return true;
  } catch (error) {
    say(error.message);
    return false;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await setup();
  process.exitCode = (await build(process.argv.slice(2))) ? 0 : 1;
}
