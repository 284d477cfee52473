// Runs a program of a test from its TypeScript source, with the sources of the workspace's packages.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, run } from './setup.mjs';

/** @returns the exit code of the program */
export function runSource(program, args) {
  const tsx = createRequire(join(root, 'packages/cli/package.json')).resolve('tsx');
  const options = ['--conditions=source', `--import=${pathToFileURL(tsx).href}`];
  const env = { ...process.env, TSX_TSCONFIG_PATH: join(root, 'tsconfig.base.json') };
  return run(process.execPath, [...options, program, ...args], { env });
}
