// The runtimes that the packages support, and their installation: npm carries each of them as a package, so that a clone
// with npm alone can have them all. They go into a cache in node_modules, about 800 MB, and stay there.

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fail, root, say, seconds } from '../setup.mjs';

/** Beside the Node that runs this. Versions are exact, so that a failure can be repeated. */
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
 * Gives the runtimes whose names begin with one of `wanted`, or all of them. Each has a `name`, and the `command` and
 * the `args` that come before a program's path; or a `problem` where it could not be installed.
 */
export async function installRuntimes(wanted, abort) {
  const own = { name: `node-${process.versions.node}`, command: process.execPath, args: [] };
  const others = versions.map((each) => ({ args: [], name: `${each.package}-${each.version}`, ...each }));
  const chosen = [own, ...others].filter(
    ({ name }) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)),
  );
  if (chosen.length === 0) fail(`There is no such runtime: ${wanted.join(', ')}`);
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

/** What went wrong, or undefined. The folder gets its name when everything is in it. */
async function install(runtime, signal) {
  const folder = `${folderOf(runtime)}.partial`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // Without one, npm would take the package of the checkout for the one to install into.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const quietly = ['--no-audit', '--no-fund', '--no-package-lock', '--no-update-notifier', '--loglevel=error'];
  try {
    const packages = [`${runtime.package}@${runtime.version}`];
    await run('npm', ['install', ...quietly, ...packages], { cwd: folder, timeout: limitMs, signal });
    const { stdout } = await run(commandIn(folder, runtime), ['--version']);
    if (!stdout.includes(runtime.version)) throw new Error(`it says that it is ${stdout.trim()}`);
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
