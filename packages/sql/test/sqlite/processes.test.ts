import { once } from 'node:events';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { runWithDatabase } from '../other-process.ts';
import { open, tempFile, urls } from '../temp-database.ts';

test('no write is lost when two processes write to one file', async () => {
  const file = tempFile();
  const db = await open(file);
  const code = (name: string): string => `
    for (let n = 0; n < 50; n++) {
      await rows('/* alone */ insert into page (url) values (?) returning id', '${name} alone ' + n);
      await db.transaction().execute(async (transaction) => {
        const { count } = await transaction.selectFrom('page').select((e) => e.fn.countAll().as('count')).executeTakeFirst();
        await transaction.insertInto('page').values({ url: '${name} ' + count }).execute();
      });
    }
  `;
  const programs = ['a', 'b'].map((name) => runWithDatabase(file, code(name)));
  for (const { ended } of programs) expect(await ended).toEqual({ stdout: '', stderr: '', code: 0 });
  expect(await urls(db)).toHaveLength(200);
});

test('committed data are not lost when a process is killed while it writes', async () => {
  const file = tempFile();
  await (await open(file)).destroy();
  const { process: child, ended } = runWithDatabase(
    file,
    `for (let n = 0; ; n++) {
      await db.transaction().execute(async (transaction) => {
        await transaction.insertInto('page').values([{ url: 'first ' + n }, { url: 'second ' + n }]).execute();
      });
      console.log(n);
    }`,
  );
  let seen = '';
  while (seen.split('\n').length < 20) seen += String((await once(child.stdout!, 'data'))[0]);
  child.kill('SIGKILL');
  const { stdout, code } = await ended;
  expect(code).toBe('SIGKILL');
  const committed = stdout.split('\n').filter((line) => line !== '').length;
  const db = await open(file);
  expect((await sql`pragma integrity_check`.execute(db)).rows).toEqual([{ integrity_check: 'ok' }]);
  const stored = await urls(db);
  expect(stored.length).toBeGreaterThanOrEqual(2 * committed);
  expect(stored.length % 2).toBe(0);
});
