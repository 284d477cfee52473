// Finds the system programs that tests start: a browser and two shells. On Debian and as root, it installs missing ones;
// elsewhere, the tests that need them are skipped.

import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { say } from './setup.mjs';

const browsers = ['chromium', 'chromium-browser', 'google-chrome'];
const programs = [
  { names: browsers, debianPackage: 'chromium', tests: 'browser', variable: 'CHROMIUM_PATH' },
  { names: ['fish'], debianPackage: 'fish', tests: 'fish completion' },
  { names: ['zsh'], debianPackage: 'zsh', tests: 'zsh completion' },
];

/** Installs missing programs where possible. Prints the skipped tests for each one that is still missing. */
export function prepareSystemPrograms() {
  const missing = programs.filter(isMissing);
  if (missing.length > 0 && inPath('apt-get') && process.getuid() === 0) install(missing);
  for (const { debianPackage, tests, variable } of missing.filter(isMissing)) {
    const fix = `apt-get install ${debianPackage}${variable ? `, or set ${variable} to its path` : ''}`;
    say(`The ${tests} tests are skipped, because ${debianPackage} is missing. To run them: ${fix}`);
  }
}

/** Returns the path of a Chromium; undefined if the machine has none. */
export function findBrowser() {
  return process.env.CHROMIUM_PATH || browsers.map(inPath).find(Boolean);
}

function isMissing({ names, variable }) {
  const isNamed = variable !== undefined && process.env[variable];
  return !isNamed && !names.some(inPath);
}

function install(missing) {
  const names = missing.map(({ debianPackage }) => debianPackage);
  say(`Installing Debian packages for the tests (once): ${names.join(', ')}`);
  return apt('update') && apt('install', '--yes', '--no-install-recommends', ...names);
}

function inPath(name) {
  return (process.env.PATH || '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function apt(...args) {
  const result = spawnSync('apt-get', ['--quiet', '--quiet', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (result.status !== 0 && result.stderr) say(result.stderr.trim());
  return result.status === 0;
}
