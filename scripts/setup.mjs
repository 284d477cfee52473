// What every command of this checkout needs before it can do its work: a Node that is new enough and the dependencies
// in node_modules. Runs before anything is installed, so it and its neighbours use nothing but Node, and only
// what an old Node can load too: it has to live long enough to say that it is too old.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the checkout. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const stampFile = join(root, 'node_modules', '.setup-stamp');

/** The last signal that this process was sent. */
let stoppedBy;

/** Makes the checkout ready to build and test, and ends the process with a message where that cannot be done. */
export async function setup() {
  checkNode();
  const stamp = stampOfDependencies();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;

  const pnpm = manifest.packageManager;
  const started = Date.now();
  say(`Installing dependencies with ${pnpm.replace('@', ' ')} (about a minute the first time)`);
  // A broken-off installation must not look like the finished one before it.
  rmSync(stampFile, { force: true });
  const npx = ['--yes', '--loglevel=error', '--no-update-notifier', pnpm];
  const install = ['install', '--frozen-lockfile', '--reporter=silent'];
  // npx has chosen the version, so pnpm need not; and it may replace, unasked, a node_modules of another version.
  const settings = ['--pm-on-fail=ignore', '--config.confirm-modules-purge=false'];
  if (!(await succeeds('npx', [...npx, ...install, ...settings])))
    fail('The dependencies could not be installed: what npx and pnpm said stands above.');
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(stampFile, stamp);
  say(`Installed in ${seconds(started)}`);
}

/** The path of a program that came with the dependencies. */
export function program(name) {
  return join(root, 'node_modules', '.bin', name);
}

/**
 * Runs a program on this process's terminal and gives its exit code, or 128 + n where signal n ended it.
 *
 * A terminal sends Ctrl-C, and the word that it was closed, to every process in its foreground, so the program has them
 * already; npm, which has Ctrl-C too, hands it on to us once more. Neither may reach the program, which would take it for
 * an impatient user's second one.
 */
export function run(command, args, options) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
  const onSignal = (signal) => {
    stoppedBy = signal;
    if (signal === 'SIGTERM' || !onTerminal()) child.kill(signal);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  return new Promise((resolve) => {
    child.on('error', (error) => fail(`Could not run ${command}: ${error.message}`));
    child.on('close', (code, signal) => {
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal).off('SIGHUP', onSignal);
      resolve(signal ? exitCodeOf(signal) : code);
    });
  });
}

/** Runs a program as one step of several: true if it ended well. A signal ends the whole process, after the program. */
export async function succeeds(command, args, options) {
  const code = await run(command, args, options);
  if (stoppedBy !== undefined) process.exit(exitCodeOf(stoppedBy));
  return code === 0;
}

/** Ends the process with a message about what stands in the way. */
export function fail(message) {
  console.error(message);
  process.exit(1);
}

export function say(message) {
  console.log(message);
}

/** How long ago `started` was, for people: `2.4 s`. */
export function seconds(started) {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}

function checkNode() {
  const wanted = manifest.engines.node.replace('>=', '');
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  fail(`This project needs Node ${wanted} or newer, and this is Node ${process.versions.node}.
Get a newer one from nodejs.org or your version manager, then run the command again.`);
}

/** Changes with everything that decides what an installation puts into node_modules. */
function stampOfDependencies() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  const members = ['packages', 'apps'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .sort()
      .map((name) => join(folder, name, 'package.json')),
  );
  for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...members]) {
    if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

function exitCodeOf(signal) {
  return 128 + constants.signals[signal];
}

function onTerminal() {
  return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
}
