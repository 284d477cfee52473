import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../../packages/test-support/src/temp-folder.ts';
import { documentedCodes, missingCodes } from '../check-codes.mjs';
import { root } from '../setup.mjs';

const errors = `
  import { channel } from 'node:diagnostics_channel';
  const created = channel('asphalt:error');
  class BaseError extends Error {
    constructor() {
      super('message');
      created.publish(this);
    }
  }
  export class ThrownError extends BaseError { code = 'ERR_THROWN'; }
  export class KeptError extends BaseError { code = 'ERR_KEPT'; }
  export class OptionsError extends BaseError { code = 'ERR_OPTIONS'; }
  export class OnlyTestedError extends BaseError { code = 'ERR_ONLY_TESTED'; }
  export function fail() { throw new ThrownError(); }
  export async function keep() { await null; return new KeptError(); }
  export class Pool { constructor() { throw new OptionsError(); } }
`;

const tests = `
  import { spawnSync } from 'node:child_process';
  import { expect, test } from 'vitest';
  import { fail, keep, OnlyTestedError, Pool } from '../src/errors.mjs';
  test('throws', () => expect(fail).toThrow('message'));
  test('keeps', async () => expect(await keep()).toBeInstanceOf(Error));
  test('creates an error itself', () => expect(new OnlyTestedError().message).toBe('message'));
  test('calls a constructor that throws', () => expect(() => new Pool()).toThrow('message'));
  test('starts a process', () => void spawnSync(process.execPath, ['-e', 'console.error("code ERR_" + "PRINTED")']));
`;

test('codes of errors that packages create and that processes print are recorded', async () => {
  const folder = tempFolder({
    'src/errors.mjs': errors,
    'test/errors.test.mjs': tests,
    'vitest.config.mjs': `export default { test: { setupFiles: [${JSON.stringify(join(root, 'scripts/thrown-codes.mjs'))}] } };`,
    'codes/other': 'ERR_EARLIER',
  });
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const env = { ...process.env, THROWN_CODES_FOLDER: join(folder, 'codes') };
  const child = spawn(process.execPath, [vitest, 'run', '--root', folder], { cwd: root, env, stdio: 'ignore' });
  expect(await once(child, 'close')).toEqual([0, null]);
  const recorded = readdirSync(join(folder, 'codes')).map((file) => readFileSync(join(folder, 'codes', file), 'utf8'));
  expect(recorded.join('\n').split('\n').toSorted()).toEqual([
    'ERR_EARLIER',
    'ERR_KEPT',
    'ERR_OPTIONS',
    'ERR_PRINTED',
    'ERR_THROWN',
  ]);
});

test('a documented code that no test causes is missing', () => {
  const page = '| code | class |\n| --- | --- |\n| `ERR_A` | `A` |\n| `ERR_B` | `B` |\nThe text names `ERR_C`.\n';
  expect(documentedCodes(page)).toEqual(['ERR_A', 'ERR_B']);
  expect(missingCodes(documentedCodes(page), new Set(['ERR_B']))).toEqual(['ERR_A']);
});
