import { join } from 'node:path';
import { Deferred, tempFolder } from '@asphalt/test-support';
import { eventually, startTestApplication, type LogLine, type TestApplication } from '@asphalt/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Pagewatch } from '../src/app.ts';
import { Detector } from '../src/detector.ts';
import type { HistorySchema } from '../src/history-schema.ts';
import { History } from '../src/history.ts';
import { MailServer } from './mail-server.ts';
import { openDatabase } from './open-database.ts';
import { useDatabases } from './test-database.ts';
import { text, WebSite } from './web-site.ts';

const databases = useDatabases();

let folder: string;
let site: WebSite;
let server: MailServer;
let app: TestApplication;

const file = (): string => join(folder, 'pagewatch.db');

beforeEach(async () => {
  folder = tempFolder();
  site = await WebSite.open();
  site.respond = text('zero');
  server = await MailServer.open();
});
afterEach(async () => {
  await app.stop();
  await server.close();
  await site.close();
});

async function start(port = server.port, page: object = {}): Promise<Detector> {
  const components = {
    web: { port: 0 },
    sql: { wait: '50ms', ...(await databases.at(file())) },
    mailer: { host: '127.0.0.1', port, tls: 'off', from: 'watch@example.org', to: 'me@example.org' },
    'page/news': { url: site.url, title: 'News', every: '1h', mailEvery: '0s', allowPrivate: true, ...page },
  };
  app = await startTestApplication(Pagewatch, { config: { components } });
  const detector = await app.context.getResource(Detector, 'news');
  if (detector.state.status === 'new') await detector.checked.wait();
  return detector;
}

async function change(detector: Detector, body: string): Promise<void> {
  const history = await app.context.getResource(History);
  const recorded = history.recorded.wait();
  site.respond = text(body);
  await Promise.all([detector.check(), recorded]);
}

const logged = (level: LogLine['level']): string[] =>
  app.logs.filter((line) => line.level === level).map(({ message }) => message);

/** Waits until the application has logged a warning. */
const untilWarned = (message: string): Promise<void> =>
  eventually(() => expect(logged('warn')).toContain(message), { timeoutMs: 20_000 });

const diffOf = (body: string | undefined): string | undefined => /\n\n([^]*?)\n*$/.exec(body ?? '')?.[1];

describe('a version whose recording fails', { timeout: 60_000 }, () => {
  test('is recorded and mailed after another process unlocks the database', async () => {
    const detector = await start();
    const other = await openDatabase<HistorySchema>(await databases.at(file()));
    const locked = new Deferred();
    const released = new Deferred();
    const lock = other.db.transaction().execute(async (tx) => {
      await tx.updateTable('pages').set({ title: 'locked' }).execute();
      locked.resolve();
      await released.promise;
    });
    await locked.promise;
    site.respond = text('one');
    const checked = detector.check();
    await untilWarned('Recording a version of News failed and is retried');
    expect(server.attempts).toEqual([]);
    released.resolve();
    await lock;
    await checked;
    const texts = await other.db.selectFrom('versions').select('text').orderBy('id').execute();
    expect(texts).toEqual([{ text: 'zero' }, { text: 'one' }]);
    const [mail] = await server.untilAccepted(1);
    expect(diffOf(mail!.text)).toBe('- zero\n+ one');
    await other.close();
  });
});

describe('a mail', { timeout: 60_000 }, () => {
  test.each([451, 421])('that the server refuses with %i is sent again, with the same Message-ID', async (status) => {
    server.replies = [status, status];
    await change(await start(), 'one');
    await server.untilAccepted(1);
    const ids = new Set(server.attempts.map(({ messageId }) => messageId));
    expect([server.attempts.length, ids.size]).toEqual([3, 1]);
    expect(logged('error')).toEqual([]);
  });

  test('that the server refuses with 550 is not sent again, and later changes are mailed', async () => {
    server.replies = [550];
    const detector = await start();
    await change(detector, 'one');
    await eventually(() => expect(logged('error')).toEqual(['The mail about News cannot be sent']), {
      timeoutMs: 20_000,
    });
    await change(detector, 'two');
    const [mail] = await server.untilAccepted(1);
    expect(diffOf(mail!.text)).toBe('- one\n+ two');
    expect(server.attempts).toHaveLength(2);
  });

  test('whose server is down at the start is sent when the server is up', async () => {
    const { port } = server;
    await server.close();
    await change(await start(port), 'one');
    await untilWarned('Sending the mail about News failed and is retried');
    server = await MailServer.open(port);
    await server.untilAccepted(1);
  });

  test('that was temporarily refused is sent after a restart, with the same Message-ID', async () => {
    server.replies = [451];
    await change(await start(), 'one');
    await server.untilAttempts(1);
    await app.stop();
    await start();
    await server.untilAccepted(1);
    expect(new Set(server.attempts.map(({ messageId }) => messageId)).size).toBe(1);
  });

  test('that follows a failed attempt combines the changes since that attempt', async () => {
    server.replies = [451];
    const detector = await start();
    await change(detector, 'one');
    await server.untilAttempts(1);
    await change(detector, 'two');
    await change(detector, 'three');
    await server.untilAccepted(2);
    const [first, second] = server.accepted.map(({ subject, text: body }) => [subject, diffOf(body)]);
    expect(first).toEqual(['News changed: 1 line changed', '- zero\n+ one']);
    expect(second).toEqual(['News changed: 1 line changed, in 2 changes', '- one\n+ three']);
  });

  test('is not sent if the page has returned to the text of the last mail', async () => {
    const detector = await start(server.port, { mailEvery: '1h' });
    await change(detector, 'one');
    await server.untilAccepted(1);
    await change(detector, 'two');
    await change(detector, 'one');
    await app.stop();
    expect(server.attempts).toHaveLength(1);
  });
});
