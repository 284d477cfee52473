/** The server and its client as users run them: real processes of the `asphalt` command, over real sockets. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { asphalt, start, useAsphalt, type AsphaltProcess } from '../../../packages/cli/test/asphalt-process.ts';

useAsphalt();

const folder = fileURLToPath(new URL('..', import.meta.url));

async function startServer(): Promise<{ server: AsphaltProcess; port: number }> {
  const server = start(folder, ['run', 'server.yaml'], { env: { ECHO_PORT: '0' } });
  await server.until('Application started');
  return { server, port: Number(/Listening on port (\d+)/.exec(server.stdout)![1]) };
}

async function connectTo(port: number, options: { allowHalfOpen?: boolean } = {}): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, ...options });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

function client(port: number, message: string): ReturnType<typeof asphalt> {
  return asphalt(folder, ['run', 'client.yaml', '--set', `component.message=${message}`], {
    env: { ECHO_PORT: String(port) },
  });
}

async function said(socket: Socket, message: string): Promise<string> {
  socket.write(message);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString();
}

test('what the client says comes back, and both end with 0', async () => {
  const { server, port } = await startServer();
  expect(await client(port, 'Good morning, Köln')).toEqual({
    code: 0,
    signal: null,
    stdout: 'Good morning, Köln\n',
    stderr: '',
  });
  expect(await server.send('SIGTERM').ended).toMatchObject({ code: 0, stderr: '' });
});

test('many clients are served at once, each with its own words', async () => {
  const { server, port } = await startServer();
  const sockets = await Promise.all(Array.from({ length: 20 }, () => connectTo(port)));
  const answers = await Promise.all(sockets.map((socket, index) => said(socket, `client ${index}`)));
  expect(answers).toEqual(sockets.map((_, index) => `client ${index}`));
  expect((await server.send('SIGTERM').ended).code).toBe(0);
});

test('a client that has ended its side still gets everything back', async () => {
  const { server, port } = await startServer();
  const socket = await connectTo(port, { allowHalfOpen: true });
  // More than the buffers between the two hold, so that most of it comes back after the end was said.
  const message = 'echo '.repeat(2_000_000);
  socket.end(message);
  expect((await text(socket)) === message).toBe(true);
  expect((await server.send('SIGTERM').ended).code).toBe(0);
});

test('stopping ends the connections that are open, also of a client that never would', async () => {
  const { server, port } = await startServer();
  const socket = await connectTo(port, { allowHalfOpen: true });
  expect(await said(socket, 'still here')).toBe('still here');
  server.send('SIGTERM');
  await once(socket.resume(), 'end');
  expect(await server.ended).toMatchObject({ code: 0, stderr: '' });
});

test('a connection that breaks is told, and the others go on', async () => {
  const { server, port } = await startServer();
  const steady = await connectTo(port);
  const broken = await connectTo(port);
  await said(broken, 'hello');
  broken.resetAndDestroy();
  await server.until('A connection broke: ');
  expect(await said(steady, 'and I?')).toBe('and I?');
  expect((await server.send('SIGTERM').ended).code).toBe(0);
});

test('a port that is taken is said, with what to do', async () => {
  const { server, port } = await startServer();
  const second = await asphalt(folder, ['run', 'server.yaml'], { env: { ECHO_PORT: String(port) } });
  expect(second.code).toBe(1);
  expect(second.stderr.replaceAll(String(port), '<port>')).toMatchInlineSnapshot(`
    "Port <port> is already in use
      called in    ready() of the root component (EchoServer)
      cause        ERR_ECHO_PORT_TAKEN
      help         stop the other program, perhaps another echo server
                   or choose any free port: --set component.port=0
      code         ERR_COMPONENT_START
    "
  `);
  expect((await server.send('SIGTERM').ended).code).toBe(0);
});

test('a client without a server ends with 1', async () => {
  const unused = createServer().listen(0, '127.0.0.1');
  await once(unused, 'listening');
  const { port } = unused.address() as AddressInfo;
  await new Promise((resolve) => unused.close(resolve));
  const { code, stderr } = await client(port, 'Anybody?');
  expect(code).toBe(1);
  expect(stderr).toContain(`ECONNREFUSED 127.0.0.1:${port}`);
});

test('a client without a message is told which option is missing', async () => {
  const { code, stdout } = await asphalt(folder, ['check', 'client.yaml']);
  expect(code).toBe(1);
  expect(stdout).toContain('`component.message` is required');
});
