import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Component, component, startApplication } from '@asphalt/core';
import { requireBuild } from '@asphalt/test-support/build';
import { mariadbServer, postgresServer } from '@asphalt/testing/servers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Database, SqlComponent } from '../../src/index.ts';
import { createPairs, readPairs, writePair, type PairSchema } from './pairs.ts';
import { missing } from '../server/sql-app.ts';

@component({ components: { sql: SqlComponent } })
class App extends Component {}

async function start(url: string) {
  const app = await startApplication(App, { config: { components: { sql: { url, timeout: '30s' } } } });
  onTestFinished(() => app.stop());
  const db: Database<PairSchema> = app.context.getResourceSync(Database);
  return { app, db };
}

describe.skipIf(missing).each([
  ['PostgreSQL', postgresServer],
  ['MariaDB', mariadbServer],
] as const)(`${missing || 'after a kill, %s'}`, (_, createServer) => {
  test('of the server has every acknowledged transaction and no half one', { timeout: 60_000 }, async () => {
    const server = await createServer();
    onTestFinished(() => server.stop());
    const { app, db } = await start(server.url);
    await createPairs(db);
    const acknowledged = new Set<number>();
    const outcomes = Array.from({ length: 1000 }, async (__, number) => {
      await writePair(app.context, number);
      acknowledged.add(number);
    });
    const settled = Promise.allSettled(outcomes);
    await vi.waitFor(() => expect(acknowledged.size).toBeGreaterThan(100), { interval: 1, timeout: 20_000 });
    await server.kill();
    expect((await settled).some(({ status }) => status === 'rejected')).toBe(true);
    await server.start();
    await vi.waitFor(() => writePair(app.context, 5000), { timeout: 20_000, interval: 50 });
    const { complete, halves } = await readPairs(db);
    expect(halves).toEqual([]);
    expect([...acknowledged].filter((number) => !complete.has(number))).toEqual([]);
    expect(complete.has(5000)).toBe(true);
  });

  test('of the application has every acknowledged transaction and no half one', { timeout: 60_000 }, async () => {
    requireBuild('packages/sql');
    const server = await createServer();
    onTestFinished(() => server.stop());
    const { db } = await start(server.url);
    await createPairs(db);
    const program = fileURLToPath(new URL('writer.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', program, server.url], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const acknowledged: number[] = [];
    createInterface(child.stdout).on('line', (line) => {
      if (/^\d+$/.test(line)) acknowledged.push(Number(line));
    });
    await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(100), { interval: 5, timeout: 20_000 });
    child.kill('SIGKILL');
    await once(child, 'close');
    const { complete, halves } = await readPairs(db);
    expect(halves).toEqual([]);
    expect(acknowledged.filter((number) => !complete.has(number))).toEqual([]);
  });
});
