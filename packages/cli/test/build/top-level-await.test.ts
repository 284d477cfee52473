/** Applications whose modules have a top-level `await` become an ES module instead of a script. */
import { chmodSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { appWith, asphalt, useAsphalt, type Ended } from '../asphalt-process.ts';

useAsphalt();

vi.setConfig({ testTimeout: 60_000 });

// Of two tests, one applies to this version of Node; the other one is absent, because CI refuses skipped tests.
const [cachingNode, cachelessNode] = 'flushCompileCache' in module ? [[process.version], []] : [[], [process.version]];

const files = {
  'src/app.ts': `
import { createRequire } from 'node:module';
import { CliComponent } from '@asphalt/core';
import { name } from './name.ts';
import addon from '@acme/addon';

export class App extends CliComponent {
  async run(): Promise<void> {
    const { later } = await import('./later.ts');
    console.log(name, later, addon.text, createRequire(import.meta.url)('node:path').sep);
    await import('@acme/absent').catch((error) => console.log(error.code));
    if (process.env['FAILS']) this.fail();
  }

  fail(): void {
    throw new Error('It failed');
  }
}
`,
  'src/name.ts': "export const name: string = await Promise.resolve('Ada');",
  'src/later.ts': "export const later: string = await Promise.resolve('Grace');",
  'asphalt.yaml': 'component: { type: "./src/app.ts:App" }',
  'node_modules/@acme/addon/package.json': '{ "name": "@acme/addon", "version": "1.0.0" }',
  'node_modules/@acme/addon/binding.gyp': '{}',
  'node_modules/@acme/addon/index.js': "module.exports = { text: 'native' };",
};

describe('an application with a top-level await', () => {
  let folder: string;
  let stdout: string;

  beforeAll(async () => {
    folder = appWith(files);
    const ended = await asphalt(folder, ['build', 'asphalt.yaml']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    ({ stdout } = ended);
  }, 60_000);

  const run = (env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
    asphalt(folder, [], { env, program: join(folder, 'dist/main.js') });

  test('is built with a note that names the modules', () => {
    expect(stdout).toContain(
      'note  the bundle is an ES module, which loads more slowly, because of a top-level `await` in src/later.ts, src/name.ts\n',
    );
    expect(readdirSync(join(folder, 'dist')).some((name) => /^app-[\da-f]+\.mjs$/.test(name))).toBe(true);
  });

  test('runs like the unbuilt one, also after a failure', async () => {
    for (const env of [{}, { FAILS: 'yes' }]) {
      const unbuilt = await asphalt(folder, ['run', 'asphalt.yaml'], { env });
      expect(unbuilt.stdout).toContain('Ada Grace native /\nERR_MODULE_NOT_FOUND\n');
      expect(await run(env)).toEqual(unbuilt);
    }
  });

  test('is built again with other files', async () => {
    const ended = await asphalt(folder, ['build', 'asphalt.yaml', '--no-warm']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(join(folder, 'dist')).filter((name) => name.endsWith('.mjs'))).toHaveLength(1);
  });

  test.each(cachingNode)('uses a compile cache that no other user can write, on Node %s', async () => {
    const cache = join(folder, 'dist/cache');
    rmSync(cache, { recursive: true, force: true });
    await run();
    const paths = [cache, ...readdirSync(cache, { recursive: true }).map((name) => join(cache, String(name)))];
    expect(paths.length).toBeGreaterThan(2);
    for (const path of paths) expect(statSync(path).mode & 0o066).toBe(0o044);
    expect((await run()).stdout).not.toContain('code cache');
    chmodSync(paths.at(-1)!, 0o666);
    expect((await run()).stdout).toContain(`WARN  Ignoring the code cache`);
  });

  test.each(cachelessNode)('has no cache without a compile cache, on Node %s', () => {
    expect(existsSync(join(folder, 'dist/cache'))).toBe(false);
  });
});
