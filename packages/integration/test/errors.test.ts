import { expect, test } from 'vitest';
import { ConnectError, ConnectOptionsError, OfflineError, PayloadError } from '../src/index.ts';

const failed = { server: 'db:7000', attempts: 14, elapsedMs: 7931, permanent: false, reason: 'connection refused' };

test('the error of an unavailable server shows attempts, the last error and fixes', () => {
  expect(new ConnectError(failed, undefined).message).toMatchInlineSnapshot(`
    "Cannot connect to db:7000: connection refused
      attempts     14 within 7.9 s
      got          connection refused
      help         start the server, or correct its address
                   or raise \`connect.for\` if the server needs more time to start
                   or set \`required: false\` if the application can work without the server
      code         ERR_CONNECT"
  `);
});

test('the error of a server that refuses the login suggests to correct the options', () => {
  const error = new ConnectError(
    { ...failed, attempts: 1, elapsedMs: 6.4, permanent: true, reason: 'wrong password' },
    undefined,
  );
  expect(error.message).toMatchInlineSnapshot(`
    "Cannot connect to db:7000: wrong password
      attempts     1 within 6 ms
      got          wrong password
      note         a later attempt would fail in the same way
      help         correct the options of this component, or the settings of the server
      code         ERR_CONNECT"
  `);
});

test('the error of a server that lacks a feature has the help of its cause', () => {
  const cause = new ConnectOptionsError('streams', 'needs JetStream', 'start nats-server with `-js`');
  const error = new ConnectError({ ...failed, permanent: true, reason: cause.summary }, cause);
  expect(error.explanation.help).toBe('start nats-server with `-js`');
});

test('a long reason is cut in the headline only', () => {
  const { summary, message } = new ConnectError({ ...failed, reason: 'x'.repeat(200) }, undefined);
  expect(summary).toHaveLength(110);
  expect(message).toContain('x'.repeat(200));
});

test('the error of a value that a serializer cannot write names the format', () => {
  expect(new PayloadError('write', 'JSON', 'function').message).toMatchInlineSnapshot(`
    "A value cannot be written as JSON
      got          function
      help         send only values that the serializer supports
      code         ERR_PAYLOAD"
  `);
});

test('the error of a server that is not connected shows the state of its link', () => {
  expect(new OfflineError('db:7000', 'lost').message).toMatchInlineSnapshot(`
    "Cannot use db:7000: it is not connected
      state        lost
      help         repeat the call after the outage
      code         ERR_OFFLINE"
  `);
  expect(new OfflineError('db:7000', 'closed').message).toContain('use the client before its component stops');
});
