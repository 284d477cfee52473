/** Compiles the files that the documentation shows. A code block is a file if it starts with an import. */
import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { compile, folderWith, repository } from './shown-code.ts';

let folder = '';

afterAll(() => rm(folder, { recursive: true, force: true }));

const packages = [
  'core',
  'amqp',
  'cache',
  'cli',
  'integration',
  'mailer',
  'messaging',
  'mqtt',
  'nats',
  'redis',
  'sql',
  'testing',
  'threads',
  'watchdog',
  'web',
];
const pages = ['docs/reference/configuration.md', ...packages.map((name) => `packages/${name}/README.md`)];

/** Code blocks. The first line may contain the name of the file. */
const blocks = /```ts\n(?:\/\/ (\S+\.ts)[^\n]*\n)?(.*?)```/gs;

interface File {
  readonly name: string;
  readonly code: string;
}

async function filesOf(page: string): Promise<File[]> {
  const text = await readFile(join(repository, page), 'utf8');
  return Array.from(text.matchAll(blocks), ([, name, code], index) => ({
    name: name ?? `block-${index}.ts`,
    code: code!,
  }));
}

/** The sources of the packages under the names that the examples import. */
const paths = Object.fromEntries(
  packages.flatMap((name) => {
    const folder = join(repository, 'packages', name);
    const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      exports: Record<string, { source?: string }>;
    };
    return Object.entries(exports)
      .filter(([, { source }]) => source !== undefined)
      .map(([path, { source }]) => [posix.join('@asphalt', name, path), [join(folder, source!)]]);
  }),
);

test('the files on the pages of packages and configuration compile', { timeout: 60_000 }, async () => {
  // Files that the examples import: the application of a tutorial, a report, and clients of servers.
  const known = await filesOf('docs/tutorials/pagewatch.md');
  known.push({ name: 'report.ts', code: 'export const makeReport = (month: string) => ({ total: 42, month });' });
  const sessions =
    'AsyncDisposable & { get(user: string): Promise<string>; set(user: string, role: string): Promise<void> }';
  known.push({
    name: 'sessions.ts',
    code: `export declare function openSessions(url: string): Promise<${sessions}>;`,
  });
  known.push({
    name: 'clock-client.ts',
    code: `
      import type { Connection, Endpoint } from '@asphalt/integration';
      type Reports = { onReady: () => void; onError: (error: Error) => void };
      export declare const ClockClient: new (server: Endpoint, reports: Reports) => Connection;
      export type ClockClient = Connection;
    `,
  });
  const written: Record<string, string> = {};
  const shown: string[] = [];
  for (const [index, page] of pages.entries()) {
    const files = (await filesOf(page)).filter(({ name, code }) => !name.startsWith('block-') || /^import /.test(code));
    for (const { name, code } of [...known, ...files]) written[`${index}/${name}`] = code;
    shown.push(...files.map(({ name }) => `${page} ${name}`));
  }
  folder = await folderWith(written, { noImplicitOverride: false, paths });
  expect(await compile(folder)).toBe('');
  expect(shown).toMatchInlineSnapshot(`
    [
      "docs/reference/configuration.md block-0.ts",
      "docs/reference/configuration.md block-1.ts",
      "docs/reference/configuration.md block-2.ts",
      "packages/core/README.md block-0.ts",
      "packages/core/README.md block-1.ts",
      "packages/core/README.md block-2.ts",
      "packages/amqp/README.md app.ts",
      "packages/amqp/README.md block-1.ts",
      "packages/cache/README.md app.ts",
      "packages/cache/README.md block-1.ts",
      "packages/cli/README.md app.ts",
      "packages/integration/README.md block-0.ts",
      "packages/mailer/README.md block-0.ts",
      "packages/mailer/README.md block-1.ts",
      "packages/messaging/README.md app.ts",
      "packages/messaging/README.md block-1.ts",
      "packages/messaging/README.md block-2.ts",
      "packages/messaging/README.md block-3.ts",
      "packages/messaging/README.md engine.test.ts",
      "packages/mqtt/README.md app.ts",
      "packages/mqtt/README.md block-1.ts",
      "packages/nats/README.md app.ts",
      "packages/nats/README.md block-1.ts",
      "packages/redis/README.md app.ts",
      "packages/redis/README.md block-1.ts",
      "packages/sql/README.md block-0.ts",
      "packages/sql/README.md block-1.ts",
      "packages/sql/README.md block-2.ts",
      "packages/testing/README.md block-0.ts",
      "packages/testing/README.md block-1.ts",
      "packages/testing/README.md block-2.ts",
      "packages/testing/README.md block-3.ts",
      "packages/testing/README.md block-4.ts",
      "packages/testing/README.md block-5.ts",
      "packages/threads/README.md passwords.ts",
      "packages/threads/README.md accounts.ts",
      "packages/watchdog/README.md block-0.ts",
      "packages/watchdog/README.md block-1.ts",
      "packages/web/README.md block-0.ts",
      "packages/web/README.md block-3.ts",
    ]
  `);
});
