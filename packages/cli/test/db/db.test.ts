import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { appWith, asphalt, useAsphalt, type Ended } from '../asphalt-process.ts';

useAsphalt();

const app = `
import { Component, component, inject } from '@asphalt/core';
import { Database, SqlComponent } from '@asphalt/sql';

class BusyComponent extends Component {
  constructor() {
    super();
    throw new Error('must not be constructed');
  }
}

@component({ components: { sql: SqlComponent, busy: BusyComponent } })
export class App extends Component {
  @inject(Database) readonly db!: Database;
}`;
const yaml = `
component:
  type: ./app.ts:App
  components:
    sql: { file: data.db, migrations: ./migrations }
`;
const files = {
  'app.ts': app,
  'asphalt.yaml': yaml,
  'migrations/001_page.sql': 'create table page (url text);\ncreate index page_url on page (url);',
  'migrations/001_page.down.sql': 'drop table page;',
  'migrations/002_mail.ts': `
import type { Kysely } from 'kysely';

export async function up(db: Kysely<any>): Promise<void> {
  await db.schema.createTable('mail').addColumn('to', 'text').execute();
}

export async function down(db: Kysely<any>): Promise<void> {
  await db.schema.dropTable('mail').execute();
}`,
};

const neutral = ({ code, stdout, stderr }: Ended): object => ({
  code,
  stdout: stdout.replaceAll(/\d{4}-[\d:.T-]+Z/g, '<time>').replaceAll(/\d{14}/g, '<time>'),
  stderr,
});

test(
  'the commands run, list and roll back migrations without starting other components',
  { timeout: 60_000 },
  async () => {
    const folder = appWith(files);
    const run = async (...args: readonly string[]): Promise<object> =>
      neutral(await asphalt(folder, ['db', ...args, 'asphalt.yaml']));
    const printed = (code: number, stdout: string): object => ({ code, stdout, stderr: '' });
    expect(await run('status')).toEqual(printed(1, '001_page  pending\n002_mail  pending\n'));
    expect(await run('migrate')).toEqual(printed(0, 'Ran 001_page\nRan 002_mail\n'));
    expect(await run('migrate')).toEqual(printed(0, 'No migration is pending\n'));
    expect(await run('status')).toEqual(printed(0, '001_page  <time>\n002_mail  <time>\n'));
    expect(await run('rollback')).toEqual(printed(0, 'Rolled back 002_mail\n'));
    const { code, stdout } = await asphalt(folder, ['db', 'status', 'asphalt.yaml', '--format', 'json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual([
      { name: '001_page', ranAt: expect.stringMatching(/Z$/) as string },
      { name: '002_mail', ranAt: null },
    ]);
    expect(await run('rollback')).toEqual(printed(0, 'Rolled back 001_page\n'));
    expect(await run('rollback')).toEqual(printed(0, 'No migration has run\n'));
  },
);

test('migrate prints the migration that fails', async () => {
  const folder = appWith({ ...files, 'migrations/003_bad.sql': 'create tabel oops (x)' });
  const { code, stdout, stderr } = await asphalt(folder, ['db', 'migrate', 'asphalt.yaml']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr.split('\n\n', 1)[0]).toMatchInlineSnapshot(`
    "The migration "003_bad" failed
      got          near "tabel": syntax error (SQLite result code 1)
      note         the database is unchanged
      code         ERR_SQL_MIGRATION"
  `);
});

describe('make', () => {
  test('creates a module in a new folder, and a script after a script', { timeout: 60_000 }, async () => {
    const folder = appWith({ 'app.ts': app, 'asphalt.yaml': yaml });
    const make = async (...args: readonly string[]): Promise<object> =>
      neutral(await asphalt(folder, ['db', 'make', ...args, 'asphalt.yaml']));
    expect(await make('add-page')).toEqual({ code: 0, stdout: 'Created migrations/<time>_add-page.ts\n', stderr: '' });
    const [file] = readdirSync(join(folder, 'migrations'));
    expect(readFileSync(join(folder, 'migrations', file!), 'utf8')).toMatchSnapshot();
    expect(await make('add_mail', '--type', 'sql')).toMatchObject({
      stdout: 'Created migrations/<time>_add_mail.sql\nCreated migrations/<time>_add_mail.down.sql\n',
    });
    expect(await make('more')).toMatchObject({ code: 0 });
    expect((await asphalt(folder, ['db', 'migrate', 'asphalt.yaml'])).stdout.split('\n')).toHaveLength(4);
  });

  test.each(['', '../up', 'a b', '-x'])('rejects the name %j', async (name) => {
    const { code } = await asphalt(appWith({}), ['db', 'make', '--', name, 'asphalt.yaml']);
    expect(code).toBe(2);
  });
});

describe('the component with the migrations', () => {
  const two = { ...files, 'asphalt.yaml': `${yaml}    sql/other: { type: "@asphalt/sql:SqlComponent" }\n` };

  test.each([
    [
      'no component',
      {
        ...files,
        'app.ts': app.replace('sql: SqlComponent, ', '').replace(/@inject.*/, ''),
        'asphalt.yaml': 'component: { type: ./app.ts:App }',
      },
      [],
    ],
    ['no folder', { ...files, 'asphalt.yaml': 'component: { type: ./app.ts:App }' }, []],
    ['several components', two, []],
    ['an unknown component', two, ['--component', 'web']],
    ['problems of the application', { ...files, 'asphalt.yaml': yaml.replace('file', 'fiel') }, []],
  ])('a failure explains %s', async (_, all, args) => {
    const folder = appWith(all);
    const { code, stdout, stderr } = await asphalt(folder, ['db', 'status', 'asphalt.yaml', ...args]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.replaceAll(folder, '…')).toMatchSnapshot();
  });

  test('is the one that --component names', async () => {
    const { code, stdout } = await asphalt(appWith(two), ['db', 'status', 'asphalt.yaml', '--component', 'sql']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '001_page  pending\n002_mail  pending\n' });
  });
});
