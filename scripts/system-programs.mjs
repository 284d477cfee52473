// Finds the system programs that tests start: a browser, two shells and servers. On Debian and as root, it installs missing
// ones; elsewhere, the tests that need them are skipped.

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { say } from './setup.mjs';

const browsers = ['chromium', 'chromium-browser', 'google-chrome'];
const programs = [
  { names: browsers, debianPackage: 'chromium', tests: 'browser', variable: 'CHROMIUM_PATH', value: 'its path' },
  { names: ['fish'], debianPackage: 'fish', tests: 'fish completion' },
  { names: ['zsh'], debianPackage: 'zsh', tests: 'zsh completion' },
  { names: ['redis-server'], debianPackage: 'redis-server', tests: 'Redis', variable: 'ASPHALT_TEST_REDIS' },
  // Debian installs the server itself outside of the PATH.
  { names: ['pg_ctlcluster'], debianPackage: 'postgresql', tests: 'PostgreSQL', variable: 'ASPHALT_TEST_POSTGRES' },
  { names: ['mariadbd'], debianPackage: 'mariadb-server', tests: 'MariaDB', variable: 'ASPHALT_TEST_MARIADB' },
  { names: ['nats-server'], debianPackage: 'nats-server', tests: 'NATS', variable: 'ASPHALT_TEST_NATS' },
  {
    names: ['rabbitmq-server'],
    debianPackage: 'rabbitmq-server',
    tests: 'RabbitMQ',
    variable: 'ASPHALT_TEST_RABBITMQ',
  },
  { names: ['mosquitto'], debianPackage: 'mosquitto', tests: 'Mosquitto', variable: 'ASPHALT_TEST_MOSQUITTO' },
  { names: ['memcached'], debianPackage: 'memcached', tests: 'memcached', variable: 'ASPHALT_TEST_MEMCACHED' },
];

/** Debian asks this program whether the installation of a package may start its service; 101 means no. */
const servicePolicy = '/usr/sbin/policy-rc.d';

/** Installs missing programs where possible. Prints the skipped tests for each one that is still missing. */
export function prepareSystemPrograms() {
  const missing = programs.filter(isMissing);
  if (missing.length > 0 && inPath('apt-get') && process.getuid() === 0) install(missing);
  for (const { debianPackage, tests, variable, value = 'the URL of a server' } of missing.filter(isMissing)) {
    const fix = `apt-get install ${debianPackage}${variable ? `, or set ${variable} to ${value}` : ''}`;
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
  return apt('update') && withoutServices(() => apt('install', '--yes', '--no-install-recommends', ...names));
}

/** Installs packages without starting their services, because the tests start servers of their own. */
function withoutServices(action) {
  if (existsSync(servicePolicy)) return action();
  writeFileSync(servicePolicy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return action();
  } finally {
    rmSync(servicePolicy);
  }
}

function inPath(name) {
  return [...(process.env.PATH || '').split(delimiter), '/usr/sbin']
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
