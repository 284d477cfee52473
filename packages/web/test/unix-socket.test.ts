import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Component, component, inject, startApplication, type Application } from '@asphalt/core';
import { errorOf, recordingLogger, tempFolder, type LogLine } from '@asphalt/test-support';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SocketError } from '../src/server/errors.ts';
import { clientAddress } from '../src/request/proxies.ts';
import { WebApp } from '../src/web-app.ts';
import { WebComponent } from '../src/web-component.ts';

@component({ components: { web: WebComponent } })
class Shop extends Component {
  @inject(WebApp) readonly web!: WebApp;

  override start(): void {
    this.web.get('/', (c) => c.json([clientAddress(c) ?? null, c.req.url]));
  }
}

async function start(socket: string, web: object = {}): Promise<{ application: Application; lines: LogLine[] }> {
  const { logger, lines } = recordingLogger();
  const config = { components: { web: { socket, ...web } } };
  const application = await startApplication(Shop, { logger, config });
  onTestFinished(() => application.stop());
  return { application, lines };
}

async function get(socketPath: string, path = '/', headers = {}): Promise<string> {
  const outgoing = request({ socketPath, path, headers: { host: 'shop.example', ...headers }, agent: false }).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return (await response.toArray()).join('');
}

/** A folder whose path is short enough for a socket. */
function pathOf(name = 'shop.sock'): string {
  return join(tempFolder(), name);
}

/** Leaves a socket behind, like a process that was killed. */
async function leaveSocket(path: string): Promise<void> {
  const code = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.send('listening'))`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(child, 'message');
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('serves on a socket, and removes its file at the stop', async () => {
  const path = pathOf();
  const { application, lines } = await start(path);
  expect((await application.context.getResource(WebApp)).url).toBe(`unix:${path}`);
  expect(lines.map(({ message }) => message)).toContain(`Listening on unix:${path}`);
  expect(await get(path)).toBe('[null,"http://shop.example/"]');
  expect(await get(path, '/readyz')).toBe('{"status":"up"}');
  await application.stop();
  expect(existsSync(path)).toBe(false);
});

test('the proxy behind the socket is trusted as a process of this machine', async () => {
  const path = pathOf();
  await start(path, { trustProxy: ['loopback'] });
  const headers = { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'https' };
  expect(await get(path, '/', headers)).toBe('["1.2.3.4","https://shop.example/"]');
});

test('replaces the file that a killed process has left', async () => {
  const path = pathOf();
  await leaveSocket(path);
  expect(lstatSync(path).isSocket()).toBe(true);
  await start(path);
  expect(await get(path, '/readyz')).toBe('{"status":"up"}');
});

describe('a socket that cannot be had ends the start', () => {
  const summaryOf = async (path: string): Promise<string> => {
    const failure = (await errorOf(start(path))) as Error;
    expect(failure.cause).toBeInstanceOf(SocketError);
    return (failure.cause as SocketError).summary.replace(path, '<path>');
  };

  test('because another process listens on it', async () => {
    const path = pathOf();
    await start(path);
    expect(await summaryOf(path)).toBe('Another process listens on the socket <path>, or the file is no socket');
    expect(await get(path, '/readyz')).toBe('{"status":"up"}');
  });

  test('because the file is no socket, which then stays', async () => {
    const path = pathOf();
    writeFileSync(path, 'precious');
    expect(await summaryOf(path)).toBe('Another process listens on the socket <path>, or the file is no socket');
    expect(lstatSync(path).isFile()).toBe(true);
    const folder = pathOf('folder');
    mkdirSync(folder);
    await summaryOf(folder);
    expect(lstatSync(folder).isDirectory()).toBe(true);
  });

  test('because its folder does not exist', async () => {
    expect(await summaryOf(pathOf('nowhere/shop.sock'))).toBe(
      'The folder of the socket <path> does not exist, or it is not writable',
    );
  });
});
