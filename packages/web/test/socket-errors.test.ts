import { expect, test } from 'vitest';
import { SlowClientError, SocketOriginError, SocketServerError } from '../src/sockets/errors.ts';

test('SocketOriginError shows the option that accepts the origin', () => {
  expect(new SocketOriginError('/chat', 'https://app.example').message).toMatchInlineSnapshot(`
    "Refused the WebSocket /chat for a page of another origin
      got          https://app.example
      help         accept it: webSocket(handlers, { origins: ["https://app.example"] })
      code         ERR_WEB_SOCKET_ORIGIN"
  `);
});

test('SocketServerError names the request', () => {
  expect(new SocketServerError('/chat').message).toMatchInlineSnapshot(`
    "Cannot open the WebSocket /chat: the request did not arrive at the server of a WebComponent
      help         connect a client to WebApp#url, also in tests
      code         ERR_WEB_SOCKET_SERVER"
  `);
});

test('SlowClientError shows how far the client is behind, and the options', () => {
  const help = ['raise the option capacity of eventsOf()', "drop events for slow clients: overflow: 'drop-oldest'"];
  expect(new SlowClientError('GET /changes', '100 events', help).message).toMatchInlineSnapshot(`
    "GET /changes was disconnected: its client is 100 events behind
      help         raise the option capacity of eventsOf()
                   or drop events for slow clients: overflow: 'drop-oldest'
      code         ERR_WEB_CLIENT_SLOW"
  `);
});
