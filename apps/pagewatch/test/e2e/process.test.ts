import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@asphalt/test-support';
import PostalMime, { type Email } from 'postal-mime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HistorySchema } from '../../src/history-schema.ts';
import { EventStream } from '../event-stream.ts';
import { MailServer } from '../mail-server.ts';
import { openDatabase } from '../open-database.ts';
import { sqlSetting, useDatabases } from '../test-database.ts';
import { html, WebSite } from '../web-site.ts';

const databases = useDatabases();
import { built, PagewatchProcess } from './pagewatch-process.ts';

let folder: string;
let site: WebSite;
let pagewatch: PagewatchProcess | undefined;

beforeEach(async () => {
  folder = tempFolder();
  site = await WebSite.open();
});
afterEach(async () => {
  await pagewatch?.kill();
  pagewatch = undefined;
  await site.close();
});

const start = async (settings: Readonly<Record<string, string>> = {}): Promise<PagewatchProcess> =>
  (pagewatch = await PagewatchProcess.start({
    'web.port': '0',
    sql: sqlSetting(await databases.at(join(folder, 'pagewatch.db'))),
    'mailer.folder': join(folder, 'mail'),
    'page/news.url': site.url,
    'page/news.title': 'News',
    'page/news.allowPrivate': 'true',
    'page/news.every': '50ms',
    'page/news.mailEvery': '1h',
    ...settings,
  }));

async function mails(): Promise<readonly Email[]> {
  const files = (await readdir(join(folder, 'mail'))).filter((file) => file.endsWith('.eml')).toSorted();
  return Promise.all(files.map(async (file) => PostalMime.parse(await readFile(join(folder, 'mail', file)))));
}

async function rows(): Promise<{ versions: string[]; changes: number }> {
  const { db, close } = await openDatabase<HistorySchema>(await databases.at(join(folder, 'pagewatch.db')));
  try {
    const versions = await db.selectFrom('versions').select('text').orderBy('id').execute();
    const changes = await db.selectFrom('changes').select('id').execute();
    return { versions: versions.map(({ text }) => text), changes: changes.length };
  } finally {
    await close();
  }
}

test(
  'a change reaches the stream, the database and the mail folder, and a stop loses nothing',
  { timeout: 60_000 },
  async () => {
    site.respond = html('<p>The first text</p>');
    await start();
    const stream = await untilRead(pagewatch!);

    site.respond = html('<p>The second text</p>');
    expect(await stream.nextChange()).toMatchObject({ id: '1', data: { page: 'news', summary: '1 line changed' } });
    site.respond = html('<p>The third text</p>');
    expect(await stream.nextChange()).toMatchObject({ id: '2' });
    site.respond = html('<p>The fourth text</p>');
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

    // After a restart, a browser receives the changes that it missed, and no change twice.
    site.respond = html('<p>The fifth text</p>');
    await start();
    const again = EventStream.open(`${pagewatch!.url}/events?after=0`, '2');
    expect((await again.nextChange()).id).toBe('3');
    expect((await again.nextChange()).id).toBe('4');
    expect(await pagewatch!.stop()).toBe(0);
    expect((await rows()).versions).toHaveLength(5);
  },
);

/** Waits until the page has been read, so that later versions are changes. */
async function untilRead({ url }: PagewatchProcess): Promise<EventStream> {
  const stream = EventStream.open(`${url}/events`);
  await stream.next(({ event, data }) => event === 'page' && JSON.stringify(data).includes('data-status=\\"ok\\"'));
  return stream;
}

test(
  'a mail is sent again with the same Message-ID after kill -9 during its sending',
  { timeout: 60_000 },
  async () => {
    const server = await MailServer.open();
    const smtp = {
      'mailer.backend': 'smtp',
      'mailer.host': '127.0.0.1',
      'mailer.port': `${server.port}`,
      'mailer.tls': 'off',
    };
    server.replies = ['hang'];
    site.respond = html('<p>The first text</p>');
    const stream = await untilRead(await start(smtp));
    site.respond = html('<p>The second text</p>');
    await stream.nextChange();
    await server.untilAttempts(1);
    await pagewatch!.kill();

    site.respond = html('<p>The third text</p>');
    await start(smtp);
    const [mail] = await server.untilAccepted(1);
    expect(mail!.text).toContain('- The first text\n+ The second text');
    expect(mail!.messageId).toBe(server.attempts[0]!.messageId);
    await server.close();
  },
);

test('a mail that waits for its interval survives kill -9', { timeout: 60_000 }, async () => {
  site.respond = html('<p>The first text</p>');
  const stream = await untilRead(await start());
  site.respond = html('<p>The second text</p>');
  await expect.poll(mails, { timeout: 20_000 }).toHaveLength(1);
  for (const word of ['third', 'fourth']) {
    site.respond = html(`<p>The ${word} text</p>`);
    await stream.next(({ data }) => JSON.stringify(data).includes(word));
  }
  await pagewatch!.kill();

  await start({ 'page/news.mailEvery': '0s' });
  await expect.poll(mails, { timeout: 20_000 }).toHaveLength(2);
  const last = (await mails()).at(-1)!;
  expect(last.subject).toBe('News changed: 1 line changed, in 2 changes');
  expect(last.text).toContain('- The second text\n+ The fourth text');
  expect(await pagewatch!.stop()).toBe(0);
  expect(await mails()).toHaveLength(2);
});

test.skipIf(built)('asphalt check accepts the configuration', { timeout: 60_000 }, async () => {
  expect(await PagewatchProcess.check({})).toMatchObject({ code: 0 });
});

test('options that cannot work are reported', { timeout: 60_000 }, async () => {
  const { code, output } = await PagewatchProcess.check({
    'sql.file': '~/pagewatch.db',
    'mailer.backend': 'smtp',
    'mailer.from': 'nobody',
    'web.host': '',
    'threads.max': '0',
    'page/news.url': site.url,
  });
  expect(code).toBe(1);
  const report = output.slice(output.indexOf('The application cannot start'));
  expect(report.replaceAll(site.url, 'URL')).toMatchInlineSnapshot(`
    "The application cannot start: 6 problems
      1. \`component.components.sql.file\` must be a path, got "~/pagewatch.db"
           from         --set (overrides asphalt.yaml:11:7)
           help         only a shell replaces \`~\`; write ./~ for a folder of this name
           code         ERR_CONFIG_INVALID
      2. \`component.components.threads.max\` must be at least 1, got 0
           from         --set
           code         ERR_CONFIG_INVALID
      3. \`component.components.mailer.from\` contains a malformed address, got "nobody"
           from         --set (overrides asphalt.yaml:16:7)
           help         write it as "name@domain" or "Display Name <name@domain>"
           code         ERR_CONFIG_INVALID
      4. \`component.components.mailer.host\` is required by the backend "smtp"
           help         set it to the name of the mail server, or use another \`backend\`
           code         ERR_CONFIG_INVALID
      5. \`component.components.web.host\` must not be empty, got ""
           from         --set
           help         set it to 0.0.0.0 to listen on all addresses
           code         ERR_CONFIG_INVALID
      6. \`component.components.page/news.url\` must be on the public internet, got "URL"
           from         --set
           help         set \`allowPrivate: true\` for a page of your own network
           code         ERR_CONFIG_INVALID
      code         ERR_PLAN
    "
  `);
});
