import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempFolder } from '@asphalt/test-support';
import { requireBuild } from '@asphalt/test-support/build';
import { NodeSqliteDialect } from '@asphalt/sql';
import { redisServer, unavailable } from '@asphalt/testing/servers';
import { createClient, type RedisClientType } from '@redis/client';
import { Kysely } from 'kysely';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { RedisStream } from './redis-stream.ts';

interface Schema {
  inbox: { id: string };
  effect: { number: number };
}

const program = fileURLToPath(new URL('consumer.ts', import.meta.url));
const cwd = fileURLToPath(new URL('..', import.meta.url));

function startConsumer(url: string, file: string, place: string, count: number): ChildProcess {
  const args = ['--import', 'tsx', program, url, file, place, String(count)];
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

const missing = unavailable('redis');

describe.skipIf(missing)(`${missing || 'a consumer of a Redis stream'}`, () => {
  test(
    'messages survive consumers that are killed in the handler and before the acknowledgement, with one effect each',
    { timeout: 90_000 },
    async () => {
      requireBuild('packages/integration', 'packages/sql');
      const server = await redisServer();
      onTestFinished(() => server.stop());
      const redis = createClient({ url: server.url }) as RedisClientType;
      await redis.connect();
      onTestFinished(() => redis.destroy());
      const file = join(tempFolder(), 'effects.db');
      const db = new Kysely<Schema>({ dialect: new NodeSqliteDialect({ file, waitMs: 30_000 }) });
      onTestFinished(() => db.destroy());
      await db.schema
        .createTable('inbox')
        .addColumn('id', 'text', (id) => id.primaryKey())
        .execute();
      await db.schema.createTable('effect').addColumn('number', 'integer').execute();

      const stream = new RedisStream(redis, 'numbers');
      await stream.create();
      const numbers = Array.from({ length: 40 }, (_, index) => index);
      for (const number of numbers) await stream.send(`message ${number}`, number);

      // The last consumer runs until the queue is empty.
      for (const [place, count] of [
        ['handler', 3],
        ['acknowledge', 5],
      ] as const) {
        const [, signal] = (await once(startConsumer(server.url, file, place, count), 'exit')) as [number, string];
        expect(signal).toBe('SIGKILL');
      }
      startConsumer(server.url, file, 'never', 0);
      const remaining = async (): Promise<number> =>
        (await redis.xLen('numbers')) + (await redis.zCard('numbers.delayed'));
      await vi.waitFor(async () => expect(await remaining()).toBe(0), { timeout: 60_000, interval: 100 });

      const effects = await db.selectFrom('effect').select('number').orderBy('number').execute();
      expect(effects.map(({ number }) => number)).toEqual(numbers.filter((number) => number !== 13));
      const dead = await redis.xRange('numbers.dead', '-', '+');
      expect(dead!.map(({ message }) => ({ ...message }))).toEqual([
        { id: 'message 13', payload: '13', error: 'Error: fails always' },
      ]);
    },
  );
});
