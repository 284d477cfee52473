// Runs the end-to-end tests of applications against their built form, which is the same folder for every runtime.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program, root } from '../setup.mjs';
import { asphalt, Program } from './program.mjs';

/** The applications. Their tests find each by the name of its built folder: see `@asphalt/test-support`. */
const applications = [
  { name: 'echo-server', folder: 'apps/echo', file: 'server.yaml' },
  { name: 'echo-client', folder: 'apps/echo', file: 'client.yaml' },
  { name: 'pagewatch', folder: 'apps/pagewatch', file: 'asphalt.yaml' },
  { name: 'orders', folder: 'apps/orders', file: 'asphalt.yaml' },
];

/** The end-to-end tests. One process runs them, two files at a time. */
const processFiles = ['apps/echo/test/echo.test.ts', 'apps/pagewatch/test/e2e/process.test.ts'];
const browserFiles = ['apps/pagewatch/test/e2e/browser.test.ts', 'apps/orders/test/e2e/browser.test.ts'];

/** Several starts of browsers and applications, on a machine with other load. */
const limitMs = 5 * 60_000;
const node = { command: process.execPath, args: [] };

/** Builds the applications with the Node of this process, outside of the repository. */
export class BuiltApplications {
  #folder = mkdtempSync(join(tmpdir(), 'asphalt-built-'));
  #areSelected;
  #building;

  /** @param areSelected - whether the user has selected the runtimes; otherwise, one of them runs the tests with a browser */
  constructor(areSelected) {
    this.#areSelected = areSelected;
  }

  /** The tests for one runtime. */
  tests() {
    return [{ name: 'built applications: end-to-end tests', limitMs, test: (runtime) => this.#run(runtime) }];
  }

  async #run({ command, args }) {
    this.#building ??= this.#build();
    await this.#building;
    const { CHROMIUM_PATH } = process.env;
    const env = {
      BUILT_APPLICATIONS: this.#folder,
      BUILT_RUNTIME: JSON.stringify([command, ...args]),
      ...(CHROMIUM_PATH && { CHROMIUM_PATH }),
    };
    const files = this.#areSelected || command === node.command ? [...processFiles, ...browserFiles] : processFiles;
    const vitest = new Program({ command: program('vitest'), args: [] }, root, ['run', ...files], env);
    assert.equal(await vitest.ended, 0, vitest.stdout + vitest.stderr);
  }

  /** Without a warm run, which would use the files and ports of the configuration. */
  async #build() {
    for (const { name, folder, file } of applications) {
      const build = asphalt(node, folder, ['build', file, '-o', join(this.#folder, name), '--no-warm']);
      assert.equal(await build.ended, 0, build.stderr);
    }
  }

  remove() {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
