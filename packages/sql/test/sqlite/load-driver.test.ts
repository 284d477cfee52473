import { errorOf } from '@asphalt/test-support';
import { expect, onTestFinished, test, vi } from 'vitest';
import { SqlDriverError } from '../../src/errors.ts';
import { loadDriver } from '../../src/sqlite/load-driver.ts';
import { runWithDatabase } from '../other-process.ts';

test('the default driver prints no warning', async () => {
  const program = runWithDatabase(undefined, `console.log((await rows('select 1 as one'))[0].one);`);
  expect(await program.ended).toEqual({ stdout: '1\n', stderr: '', code: 0 });
});

test('an SqlDriverError explains which driver is missing', () => {
  const missing = new Error("Cannot find package '@photostructure/sqlite'");
  expect(new SqlDriverError('@photostructure/sqlite', missing).message).toMatchInlineSnapshot(`
    "The driver \`@photostructure/sqlite\` cannot be loaded
      got          Cannot find package '@photostructure/sqlite'
      help         install it: npm install @photostructure/sqlite
      code         ERR_SQL_DRIVER"
  `);
});

test('a runtime without the built-in driver is reported', async () => {
  const { mockRestore } = vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never);
  onTestFinished(mockRestore);
  const error = await errorOf(loadDriver('node:sqlite'), SqlDriverError);
  expect(error.message).toMatchInlineSnapshot(`
    "The driver \`node:sqlite\` cannot be loaded
      got          This runtime has no node:sqlite with columns() and setAuthorizer()
      help         run the application on Node 24.15 or newer, which has a built-in driver
                   or install @photostructure/sqlite on a platform that it supports
      code         ERR_SQL_DRIVER"
  `);
});
