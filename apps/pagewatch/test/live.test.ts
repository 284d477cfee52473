import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { startTestApplication, type TestApplication } from '@asphalt/testing';
import { WebApp } from '@asphalt/web';
import { tempFolder } from '@asphalt/test-support';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Pagewatch } from '../src/app.ts';
import { Detector } from '../src/detector.ts';
import { History } from '../src/history.ts';
import { EventStream } from './event-stream.ts';
import { useDatabases } from './test-database.ts';
import { text, WebSite } from './web-site.ts';

const databases = useDatabases();

let folder: string;
let site: WebSite;
let app: TestApplication;
let detector: Detector;
let history: History;
let streams: EventStream[];

beforeEach(async () => {
  folder = tempFolder();
  site = await WebSite.open();
  site.respond = text('0');
  streams = [];
  const components = {
    web: { port: 0 },
    sql: await databases.at(join(folder, 'pagewatch.db')),
    mailer: { backend: 'memory', from: 'watch@example.org', to: 'me@example.org' },
    'page/news': { url: site.url, title: 'News', every: '1h', allowPrivate: true },
  };
  app = await startTestApplication(Pagewatch, { config: { components } });
  detector = await app.context.getResource(Detector, 'news');
  history = await app.context.getResource(History);
  if (detector.state.status === 'new') await detector.checked.wait();
});
afterEach(async () => {
  for (const stream of streams) stream.close();
  await app.stop();
  await site.close();
});

/** Returns the number of statements that have read changes with their differences. */
function reads(): number {
  return app.logs.filter(({ level, message }) => level === 'debug' && /(["`])changes\1\.\1diff/.test(message)).length;
}

async function open(path: string, lastEventId?: string): Promise<EventStream> {
  const { url } = await app.context.getResource(WebApp);
  const stream = EventStream.open(`${url}${path}`, lastEventId);
  streams.push(stream);
  return stream;
}

async function change(body: string): Promise<void> {
  site.respond = text(body);
  const recorded = history.recorded.wait();
  await Promise.all([detector.check(), recorded]);
}

async function nextChanges(stream: EventStream, count: number): Promise<unknown[]> {
  const events: unknown[] = [];
  for (let index = 0; index < count; index += 1) events.push(await stream.nextChange());
  return events;
}

test('a change is read and rendered once, and all clients receive the same event', { timeout: 60_000 }, async () => {
  const clients = await Promise.all(Array.from({ length: 30 }, () => open('/events')));
  for (const client of clients) await client.next();
  const before = reads();
  for (let index = 1; index <= 10; index += 1) await change(`${index}`);
  const shown = await Promise.all(clients.map((client) => nextChanges(client, 10)));
  for (const events of shown) expect(events).toEqual(shown[0]);
  // At most one read per change, for any number of clients.
  expect(reads() - before).toBeLessThanOrEqual(10);
});

test('reconnecting clients receive the missed changes from memory', async () => {
  const first = await open('/events');
  await first.next();
  for (const body of ['1', '2', '3', '4']) await change(body);
  await nextChanges(first, 4);
  const before = reads();
  const again = await Promise.all(Array.from({ length: 30 }, () => open('/events', '2')));
  const shown = await Promise.all(again.map((stream) => nextChanges(stream, 2)));
  for (const events of shown) expect(events).toMatchObject([{ id: '3' }, { id: '4' }]);
  expect(reads() - before).toBeLessThan(5);
});

test('an id above the newest one is treated as the newest one', async () => {
  const stream = await open('/events', '99999');
  await stream.next();
  await change('1');
  expect(await stream.nextChange()).toMatchObject({ id: '1' });
});

test(
  'a client that does not read does not delay other clients, and receives every change later',
  { timeout: 60_000 },
  async () => {
    const { port, hostname } = new URL((await app.context.getResource(WebApp)).url!);
    const ids: number[] = [];
    /** Connects as a browser does. */
    const connectSlow = async (): Promise<Socket> => {
      const socket = connect(Number(port), hostname).pause();
      await once(socket, 'connect');
      const lastEventId = ids.length > 0 ? `last-event-id: ${ids.at(-1)}\r\n` : '';
      socket.write(`GET /events HTTP/1.1\r\nhost: 127.0.0.1\r\n${lastEventId}\r\n`);
      let received = '';
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        received = received.slice(-20) + chunk;
        for (const [, id] of received.matchAll(/^id: (\d+)\n\n/gm)) if (!ids.includes(Number(id))) ids.push(Number(id));
        if (ids.length === count) socket.destroy();
      });
      return socket.on('error', () => {}).pause();
    };
    // More changes than the memory of the live stream holds.
    const count = 30;
    let slow = await connectSlow();
    const fast = await open('/events');
    await fast.next();
    const body = (index: number): string =>
      Array.from({ length: 200 }, (_, line) => `${String.fromCodePoint(97 + (index % 26)).repeat(900)} ${line}`).join(
        '\n',
      );
    for (let index = 1; index <= count; index += 1) {
      await change(body(index));
      expect(await fast.nextChange()).toMatchObject({ id: `${index}` });
    }
    // A client that accepts nothing for a while is disconnected.
    for (;;) {
      slow.resume();
      if (!slow.closed) await once(slow, 'close');
      if (ids.length === count) break;
      slow = await connectSlow();
    }
    expect(ids).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  },
);
