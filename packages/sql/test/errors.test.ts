import { expect, test } from 'vitest';
import { SqlDriverError, SqlStatementError, type StatementProblem } from '../src/errors.ts';
import { SqlLostError, SqlRetryError } from '../src/server/errors.ts';

test('an SqlStatementError explains each of its problems', () => {
  const problems: [StatementProblem, string, string?][] = [
    ['empty', '-- nothing'],
    ['several', 'select 1; select 2', 'select 2'],
    ['unreadable', 'select 1\0'],
    ['parameters', 'select ?, ?', '1 values for 2 parameters'],
    ['setting', 'pragma journal_mode = delete', 'journal_mode'],
    ['ended-transaction', 'insert into page default values'],
    ['read-only', 'delete from page'],
  ];
  const messages = problems.map((problem) => new SqlStatementError(...problem).message.replace('\0', '␀'));
  expect(messages.join('\n\n')).toMatchInlineSnapshot(`
    "The text contains no SQL statement
      statement    -- nothing
      help         remove the call, or complete the statement
      code         ERR_SQL_STATEMENT

    The text contains more than one SQL statement; none was executed
      statement    select 1; select 2
      second       select 2
      help         execute each statement separately
      code         ERR_SQL_STATEMENT

    The SQL statement contains a NUL character or half of a surrogate pair
      statement    select 1␀
      help         remove the character from the text
      code         ERR_SQL_STATEMENT

    The values do not fit the parameters of the SQL statement
      statement    select ?, ?
      got          1 values for 2 parameters
      help         write one ? for each value
      code         ERR_SQL_STATEMENT

    The SQL statement changes a setting that the driver relies on
      statement    pragma journal_mode = delete
      setting      journal_mode
      help         remove the statement; the option \`wait\` limits how long statements wait
      code         ERR_SQL_STATEMENT

    The transaction of the SQL statement has ended
      statement    insert into page default values
      help         end the context after a conflict, and after a statement such as \`commit\` or \`insert or rollback\`
      code         ERR_SQL_STATEMENT

    The SQL statement writes in a transaction that only reads
      statement    delete from page
      help         use the Transaction of the context
      code         ERR_SQL_STATEMENT"
  `);
});

test('the errors of servers explain what happened to the statement', () => {
  const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  const errors = [
    new SqlDriverError('pg', new Error("Cannot find package 'pg'")),
    new SqlLostError('db:5432', 'delete from page', cause),
    new SqlLostError('db:5432', undefined, cause),
    new SqlRetryError('delete from page', Object.assign(new Error('deadlock detected'), { code: '40P01' })),
  ];
  expect(errors.map(({ message }) => message).join('\n\n')).toMatchInlineSnapshot(`
    "The driver \`pg\` cannot be loaded
      got          Cannot find package 'pg'
      help         install it: npm install pg
      code         ERR_SQL_DRIVER

    The connection to db:5432 broke during a statement
      statement    delete from page
      got          read ECONNRESET
      note         the server may have executed the statement
      code         ERR_SQL_LOST

    No connection to db:5432
      got          read ECONNRESET
      note         nothing was sent
      code         ERR_SQL_LOST

    The transaction conflicts with another one and was rolled back
      statement    delete from page
      got          deadlock detected (40P01)
      help         repeat the work in a new transaction
      code         ERR_SQL_RETRY"
  `);
});
