import { errorOf } from '@asphalt/test-support';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { executeScript, splitForMysql } from '../src/script.ts';
import { open, tempFile, urls } from './temp-database.ts';

describe('executeScript in SQLite', () => {
  test('executes all statements, with comments and triggers', async () => {
    const db = await open(tempFile());
    await executeScript(
      db,
      `-- a comment; with a semicolon
      create table log (url text);
      create trigger logged after insert on page begin
        insert into log (url) values (new.url || ';');
        insert into log (url) values ('twice');
      end;
      /* another; */ insert into page (url) values ('a;b')`,
    );
    expect(await urls(db)).toEqual(['a;b']);
    expect(await db.withTables<{ log: { url: string } }>().selectFrom('log').selectAll().execute()).toEqual([
      { url: 'a;b;' },
      { url: 'twice' },
    ]);
  });

  test('undoes all statements if one fails', async () => {
    const db = await open(tempFile());
    const error = await errorOf(
      executeScript(db, `insert into page (url) values ('a'); insert into page (url) values ('a')`),
    );
    expect(error.message).toMatch('UNIQUE constraint failed');
    expect(await urls(db)).toEqual([]);
  });

  test('undoes all statements of a transaction that the script is a part of', async () => {
    const db = await open();
    const broken = new Error('broken');
    const error = await errorOf(
      db.transaction().execute(async (transaction) => {
        await executeScript(transaction, `insert into page (url) values ('a'); insert into page (url) values ('b')`);
        expect(await urls(transaction)).toEqual(['a', 'b']);
        throw broken;
      }),
    );
    expect(error).toBe(broken);
    expect(await urls(db)).toEqual([]);
  });

  test('rejects a statement that changes a setting of the driver', async () => {
    const db = await open(tempFile());
    const error = await errorOf(executeScript(db, 'select 1; pragma busy_timeout = 9000'));
    expect(error).toMatchObject({ code: 'ERR_SQL_STATEMENT', problem: 'setting' });
  });

  test.each(['', ' \n', '-- nothing', '/* nothing */;'])('accepts the text %j without statements', async (text) => {
    await executeScript(await open(), text);
  });
});

describe('the statements of a script for MariaDB', () => {
  test('end at semicolons outside of strings, names and comments', () => {
    const script = `
      create table a (x text default 'it''s; \\'quoted\\';');  -- one; comment
      # another; comment
      insert into \`b;c\` values ("d;e") ;; /* f; */
      /*! set names utf8mb4 */;
      select 1 --1`;
    expect(splitForMysql(script)).toEqual([
      `create table a (x text default 'it''s; \\'quoted\\';')`,
      `-- one; comment
      # another; comment
      insert into \`b;c\` values ("d;e")`,
      `/* f; */
      /*! set names utf8mb4 */`,
      'select 1 --1',
    ]);
  });

  test('end at the delimiter that a DELIMITER line sets', () => {
    const script = `select 1;
delimiter //
create trigger t before insert on a for each row begin set new.x = 1; set new.y = 2; end//
DELIMITER ;
select 2;`;
    expect(splitForMysql(script)).toEqual([
      'select 1',
      'create trigger t before insert on a for each row begin set new.x = 1; set new.y = 2; end',
      'select 2',
    ]);
  });

  test('survive a join of any statements', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ';', "'", '\\', '"', '`', '-', ' ', '\n', '#', '*', '/') });
    const literal = fc.oneof(
      text.map((inside) => `'${inside.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`),
      text.map((inside) => `"${inside.replaceAll('\\', '\\\\').replaceAll('"', '""')}"`),
      text.map((inside) => `\`${inside.replaceAll('`', '``')}\``),
      fc.constantFrom('a', '1', '+', '- 1'),
    );
    const statement = fc.array(literal, { minLength: 1, maxLength: 4 }).map((parts) => `select ${parts.join(' ')}`);
    fc.assert(
      fc.property(fc.array(statement), (statements) => {
        expect(splitForMysql(statements.join('; '))).toEqual(statements);
        expect(splitForMysql(statements.map((each) => `${each};\n`).join(''))).toEqual(statements);
      }),
    );
  });
});
