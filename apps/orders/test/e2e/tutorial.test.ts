/** Executes the first chapter of the page, and compares the others with the files that they show. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tempFolder } from '@asphalt/test-support';
import { eventually, freePort } from '@asphalt/testing';
import { describeConfig } from '@asphalt/core/inspect';
import { expect, onTestFinished, test } from 'vitest';
import { OrdersApp } from '../../src/app.ts';
import { asphaltCommands, blocksOf, chapter, commandsOf } from '../readme.ts';
import { asphalt, OrdersProcess } from './orders-process.ts';

const run = promisify(execFile);

const source = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

test(
  'the commands of the first chapter place one order, which is charged and mailed',
  { timeout: 120_000 },
  async () => {
    const [start, place, list] = commandsOf('One process');
    const { scripts } = JSON.parse(source('../../package.json')) as { scripts: Record<string, string> };
    expect(scripts[/^npm run (\w+)$/.exec(start!)![1]!]).toBe('exec node scripts/orders.mjs');

    const folder = tempFolder();
    const port = await freePort();
    const settings = {
      'web.port': '0',
      'demo.port': `${port}`,
      'charges.url': `http://127.0.0.1:${port}`,
      'sql.file': join(folder, 'orders.db'),
      'mailer.folder': join(folder, 'mail'),
    };
    const sets = Object.entries(settings).map(([path, value]) => `--set=component.components.${path}=${value}`);
    const orders = OrdersProcess.launch(['asphalt.yaml', ...sets]);
    onTestFinished(() => orders.kill());
    await orders.started();
    const shell = async (command: string): Promise<string> =>
      (await run('sh', ['-c', command.replace('http://127.0.0.1:8000', orders.url)])).stdout;

    const placed = await shell(place!);
    expect(placed).toContain('HTTP/1.1 201 Created');
    const again = await shell(place!);
    expect(again).toContain('idempotent-replayed: true');
    const bodies = [placed, again].map((text) => JSON.parse(text.split('\r\n\r\n')[1]!) as { readonly id: string });
    expect(bodies[1]!.id).toBe(bodies[0]!.id);
    await eventually(
      async () =>
        expect(JSON.parse(await shell(list!))).toMatchObject([{ id: bodies[0]!.id, status: 'mailed', total: 5700 }]),
      { timeoutMs: 30_000 },
    );
    expect(await orders.stop()).toBe(0);
  },
);

test('the page shows code and configuration as they are in the files', () => {
  const [handler] = blocksOf('What happens to an order', 'ts');
  expect(source('src/worker.ts')).toContain(handler);
  const [components] = blocksOf('Two services on PostgreSQL', 'yaml');
  expect(source('services.yaml')).toContain(components);
});

test('the page shows the options with their defaults', async () => {
  const { components } = await describeConfig(OrdersApp);
  const options = components.flatMap(({ options: all }) => all);
  const rows = [...chapter('API').matchAll(/^\| `([a-z]+\.[a-zA-Z]+)` \| (?:`(.+?)`)? ?\|/gm)];
  expect(rows).toHaveLength(4);
  for (const [, path, value] of rows.filter(([, name]) => name !== 'news.listen')) {
    const option = options.find(({ path: full }) => full === `component.components.${path}`);
    expect(option).toMatchObject({ default: value });
  }
});

test('`asphalt check` finds no problem in both services and in the charge service', { timeout: 120_000 }, async () => {
  const [check] = asphaltCommands('Operation', 'check');
  const [demo] = asphaltCommands('Two services on PostgreSQL', 'run').filter(([, file]) => file === 'demo.yaml');
  const env = {
    ...process.env,
    DATABASE_URL: 'postgres://127.0.0.1/orders',
    CHARGES_URL: 'http://127.0.0.1:8001',
    SMTP_HOST: '127.0.0.1',
  };
  const options = { cwd: asphalt.folder, env };
  const [services, charges] = await Promise.all([
    run(process.execPath, [asphalt.command, ...check!], options),
    run(process.execPath, [asphalt.command, 'check', ...demo!.slice(1)], options),
  ]);
  expect(services.stdout.match(/The application can start/g)).toHaveLength(2);
  expect(charges.stdout).toContain('The application can start');
});
