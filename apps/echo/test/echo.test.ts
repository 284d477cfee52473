/** Runs the server and its client as users do, over real sockets: real processes of the `asphalt` command, or built. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { freePort } from '@asphalt/testing';
import { builtForm } from '@asphalt/test-support';
import { expect, onTestFinished, test } from 'vitest';
import {
  asphalt,
  start,
  useAsphalt,
  type AsphaltProcess,
  type Ended,
} from '../../../packages/cli/test/asphalt-process.ts';

const builtServer = builtForm('echo-server');
const builtClient = builtForm('echo-client');
useAsphalt({ needsCommand: builtServer === undefined });

const folder = fileURLToPath(new URL('..', import.meta.url));

function runServer(port: string): AsphaltProcess {
  return start(folder, builtServer ? [] : ['run', 'server.yaml'], { env: { ECHO_PORT: port }, built: builtServer });
}

async function startServer(): Promise<{ server: AsphaltProcess; port: number }> {
  const server = runServer('0');
  await server.until('Application started');
  return { server, port: Number(/Listening on port (\d+)/.exec(server.stdout)![1]) };
}

async function connectTo(port: number, options: { allowHalfOpen?: boolean } = {}): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, ...options });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

function client(port: number, ...args: readonly string[]): Promise<Ended> {
  const program = builtClient ? [] : ['run', 'client.yaml'];
  return asphalt(folder, [...program, ...args], { env: { ECHO_PORT: String(port) }, built: builtClient });
}

const message = (text: string): string[] => ['--set', `component.message=${text}`];

async function exchange(socket: Socket, message: string): Promise<string> {
  socket.write(message);
  const [response] = (await once(socket, 'data')) as [Buffer];
  return response.toString();
}

test('the client prints its message from the server, and both exit with 0', async () => {
  const { server, port } = await startServer();
  expect(await client(port, ...message('Good morning, Köln'))).toEqual({
    code: 0,
    signal: null,
    stdout: 'Good morning, Köln\n',
    stderr: '',
  });
  expect(await server.send('SIGTERM').ended).toMatchObject({ code: 0, stderr: '' });
});

test('the server sends each of 20 concurrent clients its own message', async () => {
  const { server, port } = await startServer();
  const sockets = await Promise.all(Array.from({ length: 20 }, () => connectTo(port)));
  const responses = await Promise.all(sockets.map((socket, index) => exchange(socket, `client ${index}`)));
  expect(responses).toEqual(sockets.map((_, index) => `client ${index}`));
  expect((await server.send('SIGTERM').ended).code).toBe(0);
});

test('a client that half-closes its connection still receives all data', async () => {
  const { server, port } = await startServer();
  const socket = await connectTo(port, { allowHalfOpen: true });
  // Exceeds the socket buffers, so most of it returns after the client has half-closed the connection.
  const sent = 'echo '.repeat(2_000_000);
  socket.end(sent);
  expect((await text(socket)) === sent).toBe(true);
  expect((await server.send('SIGTERM').ended).code).toBe(0);
});

test('a stop ends open connections, even if the client never ends its side', async () => {
  const { server, port } = await startServer();
  const socket = await connectTo(port, { allowHalfOpen: true });
  expect(await exchange(socket, 'still here')).toBe('still here');
  server.send('SIGTERM');
  await once(socket.resume(), 'end');
  expect(await server.ended).toMatchObject({ code: 0, stderr: '' });
});

test('a reset connection is logged, and the others continue', async () => {
  const { server, port } = await startServer();
  const steady = await connectTo(port);
  const broken = await connectTo(port);
  await exchange(broken, 'hello');
  broken.resetAndDestroy();
  await server.until('A connection broke: ');
  expect(await exchange(steady, 'and I?')).toBe('and I?');
  expect((await server.send('SIGTERM').ended).code).toBe(0);
});

test('a port in use is reported with two fixes', async () => {
  const { server, port } = await startServer();
  const second = await runServer(String(port)).ended;
  expect(second.code).toBe(1);
  // On Deno and Bun, the stack of their own frames follows.
  const [report] = second.stderr.replaceAll(String(port), '<port>').trimEnd().split('\n\n');
  expect(report).toMatchInlineSnapshot(`
    "Port <port> is already in use
      called in    ready() of the root component (EchoServer)
      cause        ERR_ECHO_PORT_TAKEN
      help         stop the other program
                   or choose a free port: --set component.port=0
      code         ERR_COMPONENT_START"
  `);
  expect((await server.send('SIGTERM').ended).code).toBe(0);
});

test('a client without a server exits with 1', async () => {
  const port = await freePort();
  const { code, stderr } = await client(port, ...message('Anybody?'));
  expect(code).toBe(1);
  expect(stderr).toContain(`ECONNREFUSED 127.0.0.1:${port}`);
});

test('a client without a message exits with 1', async () => {
  const { code, stderr } = await client(1);
  expect(code).toBe(1);
  expect(stderr).toContain('`component.message` is required');
});

test.skipIf(builtClient)('`asphalt check` reports the missing message of a client', async () => {
  const { code, stdout } = await asphalt(folder, ['check', 'client.yaml']);
  expect(code).toBe(1);
  expect(stdout).toContain('`component.message` is required');
});
