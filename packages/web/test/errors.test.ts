import { providedBy, token } from '@asphalt/core';
import { describe, expect, test } from 'vitest';

import {
  BodyLimitError,
  ClientStalledError,
  HealthPathError,
  LateRouteError,
  ListenError,
  MalformedBodyError,
  NoResponseError,
  RequestContextError,
  RequestCutOffError,
  RouteNeedsError,
} from '../src/errors.ts';
import { SocketError, TlsError } from '../src/server/errors.ts';
import { ValidationError } from '../src/validation/errors.ts';

function listenError(code: string, host: string, port: number, otherPort?: number): ListenError {
  const cause = Object.assign(new Error(`listen ${code}: ${host}:${port}`), { code });
  return new ListenError(host, port, 'component.components.web', cause, otherPort);
}

function socketError(code: string): SocketError {
  const cause = Object.assign(new Error(`listen ${code}: /run/shop.sock`), { code });
  return new SocketError('/run/shop.sock', 'component.components.web', cause);
}

describe('ListenError suggests a fix', () => {
  test('when the port is taken', () => {
    expect(listenError('EADDRINUSE', '127.0.0.1', 8000, 8003).message).toMatchInlineSnapshot(`
      "Port 8000 on 127.0.0.1 is already in use
        help         stop the other program
                     or choose another port: --set component.components.web.port=8003
        code         ERR_WEB_LISTEN"
    `);
  });

  test('when no port nearby is free', () => {
    const { message } = listenError('EADDRINUSE', '127.0.0.1', 65_535);
    expect(message).toContain('or choose any free port: --set component.components.web.port=0');
  });

  test('when a low port is not permitted', () => {
    expect(listenError('EACCES', '0.0.0.0', 80, 8080).message).toMatchInlineSnapshot(`
      "Not permitted to listen on port 80 of 0.0.0.0
        note         ports below 1024 are often reserved for the administrator
        help         choose another port: --set component.components.web.port=8080
        code         ERR_WEB_LISTEN"
    `);
  });

  test('when a high port is not permitted', () => {
    expect(listenError('EACCES', '127.0.0.1', 50_000, 50_001).message).toMatchInlineSnapshot(`
      "Not permitted to listen on port 50000 of 127.0.0.1
        help         choose another port: --set component.components.web.port=50001
        code         ERR_WEB_LISTEN"
    `);
  });

  test('when the address belongs to another machine', () => {
    expect(listenError('EADDRNOTAVAIL', '192.0.2.1', 8000).message).toMatchInlineSnapshot(`
      "192.0.2.1 is not an address of this machine
        help         listen on all addresses (--set component.components.web.host=0.0.0.0) or on one that this machine has
        code         ERR_WEB_LISTEN"
    `);
  });

  test('when the host name is unknown', () => {
    expect(listenError('ENOTFOUND', 'nowhere.invalid', 8000).message).toMatchInlineSnapshot(`
      "Host name "nowhere.invalid" has no known address
        help         give the address itself: --set component.components.web.host=127.0.0.1
        code         ERR_WEB_LISTEN"
    `);
  });

  test('when the system reports another error', () => {
    expect(listenError('EMFILE', '127.0.0.1', 8000).message).toMatchInlineSnapshot(`
      "Cannot listen on port 8000 of 127.0.0.1
        got          listen EMFILE: 127.0.0.1:8000
        code         ERR_WEB_LISTEN"
    `);
  });
});

test('RouteNeedsError lists routes and keys in order, and the components that usually provide the keys', () => {
  const Store = token<string>('Store');
  providedBy('StoreComponent of @example/store')(Store);
  const missing = ['POST /pages', 'GET /pages/:id'].flatMap((route) =>
    ['bulk', 'default'].map((name) => ({ route, key: { id: Store, name } })),
  );
  expect(new RouteNeedsError(missing).message).toMatchInlineSnapshot(`
    "Routes need resources that no component provides
      route        GET /pages/:id needs \`Store\`
      route        GET /pages/:id needs \`Store "bulk"\`
      route        POST /pages needs \`Store\`
      route        POST /pages needs \`Store "bulk"\`
      help         add StoreComponent of @example/store to \`components\`
                   or add a component with a @provides() method for each of them
                   or pass the result of needs() to @component({ lookups }), so that \`asphalt check\` reports each key with a fix
                   or declare a key that a middleware adds to the context: @provides(Key, { scope: 'context' }) on its component
                   or make a key that code publishes later optional: needs({ value: { id: Key, optional: true } })
      code         ERR_WEB_NEEDS"
  `);
});

test('RequestCutOffError names the request and the limit', () => {
  expect(new RequestCutOffError('GET /slow', 5000).message).toMatchInlineSnapshot(`
    "GET /slow was cut off: it did not end within 5 s after the server started to stop
      help         raise the option shutdownTimeout
                   or end long responses when the signal WebApp#stopping aborts
      code         ERR_WEB_REQUEST_CUT_OFF"
  `);
});

test.each([
  ['NoResponseError', new NoResponseError('GET /pages', 'hello')],
  ['RequestContextError, ended', new RequestContextError('GET /pages', 'ended')],
  ['RequestContextError, foreign', new RequestContextError('GET /pages', 'foreign')],
  ['BodyLimitError', new BodyLimitError(1_000_000)],
  ['MalformedBodyError', new MalformedBodyError('POST /pages', new SyntaxError('Unexpected end of JSON input'))],
  ['ClientStalledError', new ClientStalledError('GET /export', 4000)],
  ['HealthPathError', new HealthPathError('GET /healthz')],
  ['SocketError, in use', socketError('EADDRINUSE')],
  ['SocketError, without a folder', socketError('EACCES')],
  ['SocketError, another', socketError('EINVAL')],
  ['TlsError', new TlsError('component.components.web.tls.key', '/etc/tls.key', 'cannot be read', new Error('EACCES'))],
  [
    'ValidationError',
    new ValidationError(
      'POST /orders',
      'json',
      [
        { path: 'lines.0.count', message: 'Too big: expected number to be <=100' },
        { path: '', message: 'Unrecognized key: "colour"' },
      ],
      2,
    ),
  ],
  ['LateRouteError', new LateRouteError('GET', '/late')],
  ['LateRouteError, all methods', new LateRouteError('ALL', '/late')],
])('the message of %s', (_, { message }) => {
  expect(message).toMatchSnapshot();
});
