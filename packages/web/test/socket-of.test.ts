import { setImmediate as nextTurn } from 'node:timers/promises';
import { Signal } from '@asphalt/core';
import { map, of, throwError } from 'rxjs';
import { expect, test } from 'vitest';
import { socketOf } from '../src/sockets/socket-of.ts';
import { serve } from './serve.ts';
import { connect } from './socket-client.ts';

test('the events of a signal are sent as JSON, to every client', async () => {
  const signal = new Signal<{ readonly id: number }>();
  const { url } = await serve((app) => app.get('/changes', socketOf(signal)));
  const [first, second] = [await connect(`${url}/changes`), await connect(`${url}/changes`)];
  signal.dispatch({ id: 1 });
  signal.dispatch({ id: 2 });
  for (const client of [first, second])
    expect([await client.next(), await client.next()]).toEqual(['{"id":1}', '{"id":2}']);
  first.socket.close();
  second.socket.terminate();
  while (signal.observed) await nextTurn();
});

test('a function selects the source of a connection, and another one creates its messages', async () => {
  const signal = new Signal<number>();
  const { url } = await serve((app) => {
    app.get(
      '/pages/:page',
      socketOf((c) => signal.pipe(map((id) => `${c.req.param('page')} ${id}`)), { data: (text) => text.toUpperCase() }),
    );
  });
  const client = await connect(`${url}/pages/news`);
  signal.dispatch(3);
  expect(await client.next()).toBe('NEWS 3');
});

test('the connection closes with the source, and with 1011 if that fails', async () => {
  const { url, lines } = await serve((app) => {
    app.get('/complete', socketOf(of('a')));
    app.get('/failing', socketOf(throwError(() => new Error('broken'))));
    app.get(
      '/unsendable',
      socketOf(of('a'), {
        data: () => {
          throw new Error('no data');
        },
      }),
    );
  });
  const client = await connect(`${url}/complete`);
  expect([await client.next(), await client.closed]).toEqual(['"a"', [1000, '']]);
  expect((await (await connect(`${url}/failing`)).closed)[0]).toBe(1011);
  expect((await (await connect(`${url}/unsendable`)).closed)[0]).toBe(1011);
  expect(lines.map(({ message, error }) => `${message}: ${String(error)}`)).toEqual([
    'GET /failing failed: Error: broken',
    'GET /unsendable failed: Error: no data',
  ]);
});

test('a slow client is disconnected, and never delays the source', async () => {
  const signal = new Signal<string>();
  const { url, lines } = await serve((app) => app.get('/changes', socketOf(signal, { maxBuffered: 100_000 })));
  const client = await connect(`${url}/changes`);
  client.socket.pause();
  const large = 'x'.repeat(100_000);
  while (signal.observed) {
    signal.dispatch(large);
    await nextTurn();
  }
  expect(lines.map(({ level, message }) => `${level}: ${message.replace(/\d+/, 'N')}`)).toEqual([
    'warn: GET /changes was disconnected: its client is N bytes behind',
  ]);
});
