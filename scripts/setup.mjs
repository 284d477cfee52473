// Prepares every command of this checkout: checks the Node version and installs the dependencies. It runs before anything
// is installed, so this file and its static imports use only Node, with syntax that an old Node can parse: an old Node
// must get far enough to report its version.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root folder of the checkout. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const stampFile = join(root, 'node_modules', '.setup-stamp');

/** The last signal that this process received. */
let stoppedBy;

/** Prepares the checkout for building and testing. Exits with a message on failure. */
export async function setup() {
  checkNode();
  const stamp = stampOfDependencies();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;

  const pnpm = manifest.packageManager;
  const started = Date.now();
  say(`Installing dependencies with ${pnpm.replace('@', ' ')} (about a minute the first time)`);
  // An interrupted installation must not pass for the complete one before it.
  rmSync(stampFile, { force: true });
  const npx = ['--yes', '--loglevel=error', '--no-update-notifier', pnpm];
  const install = ['install', '--frozen-lockfile', '--reporter=silent'];
  // npx has selected the version of pnpm. pnpm may replace a node_modules of another version without a prompt.
  const settings = ['--pm-on-fail=ignore', '--config.confirm-modules-purge=false'];
  if (!(await succeeds('npx', [...npx, ...install, ...settings])))
    fail('The dependencies could not be installed; see the messages of npx and pnpm above.');
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(stampFile, stamp);
  say(`Installed in ${seconds(started)}`);
}

/** Returns the path of a program from the dependencies. */
export function program(name) {
  return join(root, 'node_modules', '.bin', name);
}

/**
 * Runs a program on this process's terminal. Resolves with its exit code, or 128 + n if signal n ended it.
 *
 * A terminal sends Ctrl-C and SIGHUP to every process in its foreground, so the program has already received them. npm
 * also forwards its Ctrl-C to this process. Neither is passed on, because the program would exit immediately on a
 * second signal.
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

/** Runs a program as one of several steps. @returns whether it exited with 0. After a signal, exits this process too. */
export async function succeeds(command, args, options) {
  const code = await run(command, args, options);
  if (stoppedBy !== undefined) process.exit(exitCodeOf(stoppedBy));
  return code === 0;
}

/** Prints a message and exits the process with 1. */
export function fail(message) {
  console.error(message);
  process.exit(1);
}

export function say(message) {
  console.log(message);
}

/** Formats the time since `started`: `2.4 s`. */
export function seconds(started) {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}

function checkNode() {
  const wanted = manifest.engines.node.replace('>=', '');
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  fail(`This project needs Node ${wanted} or newer, and this is Node ${process.versions.node}.
Install a newer version from nodejs.org or with your version manager, then run the command again.`);
}

/** Returns a hash of everything that determines the content of node_modules. */
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
