import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { firstValueFrom } from 'rxjs';
import { startApplication, type ComponentClass, type Signal } from '@asphalt/core';
import { Mailer, type MemoryMailer } from '@asphalt/mailer';
import { afterAll, beforeAll, expect, test } from 'vitest';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
interface Detector {
  readonly changed: Signal<{ readonly after: string }>;
  check(abort: AbortSignal): Promise<void>;
}

type ClassOf<T> = (new () => T) & { readonly prototype: T };

let folder: string;
let names: readonly string[];

/** Writes the tutorial's code as files into a folder from which the workspace's packages resolve. */
beforeAll(async () => {
  const parent = join(repository, 'apps/pagewatch/.cache');
  await mkdir(parent, { recursive: true });
  folder = await mkdtemp(join(parent, 'readme-'));
  const page = await readFile(join(repository, 'docs/tutorials/pagewatch.md'), 'utf8');
  const files = [...page.matchAll(/```ts\n\/\/ (\S+\.ts)\n(.*?)```/gs)];
  names = files.map(([, name]) => name!);
  for (const [, name, code] of files) await writeFile(join(folder, name!), code!);
  const compilerOptions = {
    noEmit: true,
    composite: false,
    declarationMap: false,
    rootDir: '/',
    noImplicitOverride: false,
  };
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(repository, 'tsconfig.base.json'), compilerOptions, include: ['*.ts'] }),
  );
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function compile(): Promise<string> {
  const tsc = join(repository, 'node_modules/typescript/bin/tsc');
  return promisify(execFile)(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' }).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
}

test('the code in the tutorial compiles', { timeout: 60_000 }, async () => {
  expect(names).toEqual(['detector.ts', 'app.ts']);
  expect(await compile()).toBe('');
});

test('the compiler rejects the wrong type that the tutorial mentions', { timeout: 60_000 }, async () => {
  const file = join(folder, 'app.ts');
  const code = await readFile(file, 'utf8');
  await writeFile(file, code.replace('readonly mailer!: Mailer;', 'readonly mailer!: Database;'));
  const printed = await compile();
  await writeFile(file, code);
  expect(printed).toMatch(/app\.ts\(\d+,\d+\): error TS1240/);
});

test('the application in the tutorial records a change and mails it', async () => {
  let text = 'before';
  const site = createServer((_request, response) => response.end(text)).listen(0, '127.0.0.1');
  await once(site, 'listening');
  const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
  const { Pagewatch } = (await import(join(folder, 'app.ts'))) as { Pagewatch: ComponentClass };
  const { Detector } = (await import(join(folder, 'detector.ts'))) as { Detector: ClassOf<Detector> };
  const components = {
    detector: { url, every: '1h' },
    mailer: { backend: 'memory', from: 'watch@example.org', to: 'me@example.org' },
    web: { port: 0 },
  };
  const application = await startApplication(Pagewatch, { config: { components } });
  try {
    const mailer = (await application.context.getResource(Mailer)) as MemoryMailer;
    const detector = await application.context.getResource(Detector);
    const changed = firstValueFrom(detector.changed);
    await detector.check(AbortSignal.timeout(5_000));
    text = 'after';
    await detector.check(AbortSignal.timeout(5_000));
    expect((await changed).after).toBe('after');
    await application.stop();
    expect(mailer.messages).toHaveLength(1);
  } finally {
    await application.stop();
    site.close();
  }
});
