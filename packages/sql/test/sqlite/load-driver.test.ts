import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { SqlDriverError } from '../../src/errors.ts';
import { loadDriver, type SqliteDriverName } from '../../src/sqlite/load-driver.ts';
import { failure } from '../temp-database.ts';

describe('the driver', () => {
  test('is loaded without a warning', async () => {
    const dialect = new URL('../../dist/index.js', import.meta.url);
    const code = `
      import { NodeSqliteDialect } from ${JSON.stringify(dialect.href)};
      import { CompiledQuery, Kysely } from 'kysely';
      const db = new Kysely({ dialect: new NodeSqliteDialect({ waitMs: 0 }) });
      console.log((await db.executeQuery(CompiledQuery.raw('select 1 as one'))).rows[0].one);
      await db.destroy();
    `;
    const cwd = fileURLToPath(new URL('../..', import.meta.url));
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], { cwd });
    expect({ stdout, stderr }).toEqual({ stdout: '1\n', stderr: '' });
  });

  test('that does not exist is reported', async () => {
    const error = await failure(loadDriver('node:none' as SqliteDriverName));
    expect(error).toBeInstanceOf(SqlDriverError);
    expect(error.message).toMatchInlineSnapshot(`
      "The SQLite driver \`node:none\` cannot be loaded
        got          This runtime has no such module
        help         run the application on Node 24.15 or newer, which has a driver built in
                     or install @photostructure/sqlite on a platform that it supports
        code         ERR_SQL_DRIVER"
    `);
  });
});
