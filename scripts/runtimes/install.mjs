// Installs the supported runtimes. npm has a package for each of them, so a clone with npm alone can install them all.
// They stay in a cache in node_modules (about 800 MB).

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fail, root, say, seconds } from '../setup.mjs';

/** The runtimes next to the Node that runs this script. Versions are exact, so that failures are reproducible. */
const versions = [
  { package: 'node', version: '22.23.3' },
  { package: 'node', version: '24.21.0' },
  { package: 'node', version: '26.10.0' },
  { package: 'deno', version: '2.9.6', args: ['run', '--allow-all'] },
  { package: 'bun', version: '1.4.5' },
];
const cache = join(root, 'node_modules/.cache/runtimes');
const limitMs = 4 * 60_000;
const run = promisify(execFile);

/**
 * Returns the runtimes whose names start with one of `wanted`, or all of them. Each has a `name`, and the `command` and
 * `args` before a program's path, or a `problem` if it could not be installed.
 */
export async function installRuntimes(wanted, abort) {
  const own = { name: `node-${process.versions.node}`, command: process.execPath, args: [] };
  const others = versions.map((each) => ({ args: [], name: `${each.package}-${each.version}`, ...each }));
  const chosen = [own, ...others].filter(
    ({ name }) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)),
  );
  if (chosen.length === 0) fail(`Unknown runtime: ${wanted.join(', ')}`);
  const missing = chosen.filter((runtime) => runtime !== own && !existsSync(folderOf(runtime)));
  if (missing.length > 0) say(`Installing ${missing.map(({ name }) => name).join(', ')} (some minutes the first time)`);
  const started = Date.now();
  const problems = new Map(await Promise.all(missing.map(async (runtime) => [runtime, await install(runtime, abort)])));
  if (missing.length > 0) say(`Done in ${seconds(started)}`);
  return chosen.map((runtime) =>
    runtime === own
      ? own
      : { ...runtime, command: commandIn(folderOf(runtime), runtime), problem: problems.get(runtime) },
  );
}

/** Returns the reason of a failure, or undefined. The folder gets its final name when it is complete. */
async function install(runtime, signal) {
  const folder = `${folderOf(runtime)}.partial`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // Without a manifest, npm would install into the package of the checkout.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const quietly = ['--no-audit', '--no-fund', '--no-package-lock', '--no-update-notifier', '--loglevel=error'];
  try {
    const packages = [`${runtime.package}@${runtime.version}`];
    await run('npm', ['install', ...quietly, ...packages], { cwd: folder, timeout: limitMs, signal });
    const { stdout } = await run(commandIn(folder, runtime), ['--version']);
    if (!stdout.includes(runtime.version)) throw new Error(`its version is ${stdout.trim()}`);
    renameSync(folder, folderOf(runtime));
    return undefined;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    if (error.killed) return `it could not be installed within ${limitMs / 60_000} minutes`;
    return `it could not be installed: ${(error.stderr || error.message).replace('npm error ', '').split('\n', 1)[0]}`;
  }
}

function folderOf({ name }) {
  return join(cache, name);
}

function commandIn(folder, runtime) {
  return join(folder, 'node_modules/.bin', runtime.package);
}
