import { problemsOf } from '@asphalt/test-support';
import { expect, test } from 'vitest';
import { SqlComponent } from '../src/index.ts';

test.each([
  [{ url: 'oracle://db/main' }, 'must start with postgres:// or mysql://'],
  [{ url: 'postgres://db/main?sslmode=require' }, 'must not contain parameters after `?`'],
  [{ url: 'postgres://db/main', file: 'data.db' }, 'must not be set together with a server'],
  [{ url: 'postgres://db/main', dialect: 'mariadb' }, 'must not differ from that of `url`'],
  [{ url: 'postgres://db/main', database: 'main' }, 'must not be set together with a `url` that contains it'],
  [{ url: 'postgres://db/main', host: 'db' }, 'must not be set together with a `url` that contains it'],
  [{ url: 'postgres://db/main', replica: 'mysql://db/main' }, 'must be a server of the same kind'],
  [{ replica: 'postgres://db/main' }, 'must be a server of the same kind'],
  [{ dialect: 'postgres', pool: { min: 3, max: 2 } }, 'must be at least 1 and not lower than `pool.min`'],
  [{ dialect: 'mariadb', tls: { serverName: 'db' } }, 'is not supported by the driver of MariaDB'],
])('the options %j are a problem of the plan', async (options, message) => {
  const problems = await problemsOf(SqlComponent, options as never);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(message);
});

test.each([
  { url: 'postgresql://db/main' },
  { url: 'mariadb://db/main', dialect: 'mariadb' },
  { dialect: 'postgres', host: 'db', database: 'main', username: 'app', password: 'x' },
  { url: 'postgres://db/main', replica: 'postgres://other/main', host: undefined },
])('the options %j are valid', async (options) => {
  expect(await problemsOf(SqlComponent, options as never)).toEqual([]);
});
