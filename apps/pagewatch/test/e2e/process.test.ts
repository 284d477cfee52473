import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeSqliteDialect } from '@asphalt/sql';
import { Kysely } from 'kysely';
import PostalMime, { type Email } from 'postal-mime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HistorySchema } from '../../src/history-schema.ts';
import { EventStream } from '../event-stream.ts';
import { html, WebSite } from '../web-site.ts';
import { PagewatchProcess } from './pagewatch-process.ts';

let folder: string;
let site: WebSite;
let pagewatch: PagewatchProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pagewatch-'));
  site = await WebSite.open();
});
afterEach(async () => {
  await pagewatch?.kill();
  pagewatch = undefined;
  await site.close();
  await rm(folder, { recursive: true });
});

const start = async (): Promise<PagewatchProcess> =>
  (pagewatch = await PagewatchProcess.start({
    'web.port': '0',
    'sql.file': join(folder, 'pagewatch.db'),
    'mailer.folder': join(folder, 'mail'),
    'page/news.url': site.url,
    'page/news.title': 'News',
    'page/news.every': '50ms',
    'page/news.mailEvery': '1h',
  }));

async function mails(): Promise<readonly Email[]> {
  const files = (await readdir(join(folder, 'mail'))).filter((file) => file.endsWith('.eml')).toSorted();
  return Promise.all(files.map(async (file) => PostalMime.parse(await readFile(join(folder, 'mail', file)))));
}

async function rows(): Promise<{ versions: string[]; changes: number }> {
  const db = new Kysely<HistorySchema>({
    dialect: new NodeSqliteDialect({ file: join(folder, 'pagewatch.db'), waitMs: 1_000 }),
  });
  try {
    const versions = await db.selectFrom('versions').select('text').orderBy('id').execute();
    const changes = await db.selectFrom('changes').select('id').execute();
    return { versions: versions.map(({ text }) => text), changes: changes.length };
  } finally {
    await db.destroy();
  }
}

test(
  'a change is on the stream, in the database and in the mail folder, and stopping loses nothing',
  { timeout: 60_000 },
  async () => {
    site.answer = html('<p>The first text</p>');
    const { url } = await start();
    const stream = EventStream.open(`${url}/events`);
    // A later version is a change only once this one was read.
    const read = ({ event, data }: { event: string; data: unknown }): boolean =>
      event === 'page' && JSON.stringify(data).includes('data-status=\\"ok\\"');
    await stream.next(read);

    site.answer = html('<p>The second text</p>');
    expect(await stream.nextChange()).toMatchObject({ id: '1', data: { page: 'news', summary: '1 line changed' } });
    site.answer = html('<p>The third text</p>');
    expect(await stream.nextChange()).toMatchObject({ id: '2' });
    site.answer = html('<p>The fourth text</p>');
    expect(await stream.nextChange()).toMatchObject({ id: '3' });

    expect(await pagewatch!.stop()).toBe(0);
    expect(await rows()).toEqual({
      versions: ['The first text', 'The second text', 'The third text', 'The fourth text'],
      changes: 3,
    });
    const [first, last, ...more] = await mails();
    expect(more).toEqual([]);
    expect(first).toMatchObject({ subject: 'News changed: 1 line changed', to: [{ address: 'you@localhost' }] });
    expect(first!.text).toContain('- The first text\n+ The second text');
    expect(first!.html).toMatch(/<ins style="[^"]+">second<\/ins>/);
    expect(last!.subject).toBe('News changed: 1 line changed, in 2 changes');
    expect(last!.text).toContain('- The second text\n+ The fourth text');

    // What a browser missed while the process was away is told when it is back, and nothing twice.
    site.answer = html('<p>The fifth text</p>');
    await start();
    const again = EventStream.open(`${pagewatch!.url}/events?after=0`, '2');
    expect((await again.nextChange()).id).toBe('3');
    expect((await again.nextChange()).id).toBe('4');
    expect(await pagewatch!.stop()).toBe(0);
    expect((await rows()).versions).toHaveLength(5);
  },
);
