// The browser of the end-to-end tests: one that the user names, one that is installed, or Debian's.

import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { say } from './setup.mjs';

/** The path of a Chromium, or undefined (after saying so) where there is none and none can be installed. */
export function findBrowser() {
  const path = process.env.CHROMIUM_PATH || installed() || (installChromium() && installed());
  if (path) return path;
  say('The browser test will be skipped: there is no Chromium. Install one, or name its path in CHROMIUM_PATH.');
  return undefined;
}

function installed() {
  return inPath('chromium') || inPath('chromium-browser') || inPath('google-chrome');
}

function installChromium() {
  if (!inPath('apt-get') || process.getuid() !== 0) return false;
  say('Installing the Debian package chromium for the browser test (once)');
  return apt('update') && apt('install', '--yes', '--no-install-recommends', 'chromium');
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
