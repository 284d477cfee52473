import { once } from 'node:events';
import { createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { connect, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { classify, ConnectOptionsError } from '../src/index.ts';
import { describeFailure, redactError } from '../src/classify.ts';

async function failureOfSocket(socket: ReturnType<typeof connect>): Promise<unknown> {
  const [error] = (await once(socket, 'error').catch((reason: unknown) => [reason])) as [unknown];
  return error;
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('a refused connection is transient and described in words', async () => {
  const error = await failureOfSocket(connect(await closedPort(), '127.0.0.1'));
  expect(classify(error)).toBe('transient');
  expect(describeFailure(error, [])).toBe('connection refused');
});

test('a refused connection to several addresses of a host is described in words', async () => {
  const [ipv4, ipv6] = ['127.0.0.1', '::1'].map((address) =>
    Object.assign(new Error(address), { code: 'ECONNREFUSED' }),
  );
  expect(describeFailure(new AggregateError([ipv6, ipv4]), [])).toBe('connection refused');
});

test('a problem of an option is permanent', () => {
  expect(classify(new ConnectOptionsError('tls.ca', 'names a file that cannot be read'))).toBe('permanent');
});

test('an answer without TLS is permanent', async () => {
  const server = createServer((socket) => void socket.on('error', () => undefined).end('+PONG\r\n')).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(classify(await failureOfSocket(connectTls({ port, host: '127.0.0.1' })))).toBe('permanent');
  server.close();
});

test.each([
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])('the problem of a certificate %s is permanent', (code) => {
  expect(classify(Object.assign(new Error('certificate'), { code }))).toBe('permanent');
});

test.each([new Error('unknown'), Object.assign(new Error('reset'), { code: 'ECONNRESET' }), 'text', undefined, null])(
  'the error %o is transient',
  (error) => {
    expect(classify(error)).toBe('transient');
  },
);

test('an error that refers to itself as its cause is transient', () => {
  const error = new Error('circle');
  error.cause = error;
  expect(classify(error)).toBe('transient');
});

test('a failure is described by the first line of its message, without secrets', () => {
  expect(describeFailure(new Error('no a1b2 here\nnor here'), ['a1b2'])).toBe('no *** here');
  expect(describeFailure(new TypeError(''), [])).toBe('TypeError');
  expect(describeFailure('text', [])).toBe('text');
});

test('an error that leads to no secret is kept', () => {
  const error = Object.assign(new Error('broken'), { address: '127.0.0.1' });
  expect(redactError(error, ['hunter2'])).toBe(error);
});

test('an error that leads to a secret is replaced by its description', () => {
  const inner = new Error('broken', { cause: { options: { login: ['ada', 'hunter2'] } } });
  expect(redactError(inner, ['hunter2'])).toEqual(new Error('broken'));
});
