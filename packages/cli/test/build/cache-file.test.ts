/** The code cache of built applications: which files are used, and which are ignored. */
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { CacheFile } from '../../src/code-cache/cache-file.ts';
import { appWith, asphalt, useAsphalt, type Ended, type ProcessOptions } from '../asphalt-process.ts';

useAsphalt();

vi.setConfig({ testTimeout: 60_000 });

const app = `
import { CliComponent } from '@asphalt/core';
export class App extends CliComponent {
  run() { console.log('hello'); }
}
`;

let built: string;

beforeAll(async () => {
  built = appWith({ 'app.js': app, 'asphalt.yaml': 'component: { type: "./app.js:App" }' });
  const { code, stderr } = await asphalt(built, ['build', 'asphalt.yaml']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}, 90_000);

/** Returns a copy of the built application with its cache file. */
function copy(): { readonly folder: string; readonly cache: string } {
  const folder = appWith({});
  cpSync(join(built, 'dist'), join(folder, 'dist'), { recursive: true });
  const [name = ''] = readdirSync(join(folder, 'dist/cache'));
  return { folder, cache: join(folder, 'dist/cache', name) };
}

function run(folder: string, options: ProcessOptions = {}): Promise<Ended> {
  return asphalt(folder, [], { ...options, program: join(folder, 'dist/main.js') });
}

const lines = `INFO  Running in development mode
INFO  Starting application
hello
INFO  Application started: 1 component in <time>
INFO  Application stopped
`;

describe('a cache that this process cannot use', () => {
  test.each([
    ['is missing', (file: string) => rmSync(file)],
    ['is empty', (file: string) => writeFileSync(file, '')],
    ['is truncated', (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 1_000))],
    ['contains other bytes', (file: string) => writeFileSync(file, readFileSync(file).fill(7, 50_000, 60_000))],
  ])('is ignored silently and replaced if it %s', async (_, damage) => {
    const { folder, cache } = copy();
    const before = readFileSync(cache);
    damage(cache);
    expect(await run(folder)).toEqual({ code: 0, signal: null, stdout: lines, stderr: '' });
    expect(readFileSync(cache).length).toBeGreaterThan(before.length / 2);
    expect(await run(folder)).toMatchObject({ code: 0, stderr: '' });
  });

  test('is ignored silently if it belongs to another version of Node or another bundle', async () => {
    const { folder, cache } = copy();
    const data = readFileSync(cache);
    rmSync(cache);
    const other = cache.replace(/-v[\d.]+\.bin$/, '-v20.0.0.bin');
    writeFileSync(other, data);
    expect(await run(folder)).toEqual({ code: 0, signal: null, stdout: lines, stderr: '' });
    // Renaming it does not help, because its checksum covers its name.
    const renamed = new CacheFile(join(folder, 'dist/cache'), 'app-0.cjs');
    renamed.write(Buffer.from('data'));
    expect(renamed.read()?.toString()).toBe('data');
    const name = readdirSync(join(folder, 'dist/cache')).find((each) => each.startsWith('app-0.cjs'))!;
    cpSync(join(folder, 'dist/cache', name), join(folder, 'dist/cache', name.replace('app-0', 'app-1')));
    expect(new CacheFile(join(folder, 'dist/cache'), 'app-1.cjs').read()).toBeUndefined();
  });

  test('is ignored silently and replaced with other flags of V8', async () => {
    const { folder, cache } = copy();
    const before = readFileSync(cache);
    const { stdout, stderr } = await run(folder, { env: { NODE_OPTIONS: '--interpreted-frames-native-stack' } });
    expect({ stdout, stderr }).toEqual({ stdout: lines, stderr: '' });
    expect(readFileSync(cache).equals(before)).toBe(false);
  });

  test('is neither read nor written with ASPHALT_CODE_CACHE=off', async () => {
    const { folder, cache } = copy();
    rmSync(cache);
    expect(await run(folder, { env: { ASPHALT_CODE_CACHE: 'off' } })).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(join(folder, 'dist/cache'))).toEqual([]);
  });
});

describe('a cache that others could have written', () => {
  test.each([0o664, 0o646])('is ignored with a warning if its mode is %o', async (mode) => {
    const { folder, cache } = copy();
    chmodSync(cache, mode);
    const { code, stdout, stderr } = await run(folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const name = cache.slice(folder.length);
    expect(stdout).toBe(`WARN  Ignoring the code cache <app>${name}: it is writable by other users\n${lines}`);
    expect(statSync(cache).mode & 0o777).toBe(mode);
  });

  test.runIf(process.getuid?.() === 0)('is ignored with a warning if it belongs to another user', async () => {
    const { folder, cache } = copy();
    chownSync(cache, 12_345, 12_345);
    const { stdout } = await run(folder);
    expect(stdout.match(/^WARN .*$/gm)).toEqual([expect.stringContaining('it belongs to another user')]);
  });
});

test('a cache is written with a mode that only its owner can write, whatever the umask is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'asphalt-cache-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const before = process.umask(0);
  onTestFinished(() => void process.umask(before));
  new CacheFile(join(folder, 'cache'), 'app.cjs').write(Buffer.from('x'));
  const [name = ''] = readdirSync(join(folder, 'cache'));
  expect(statSync(join(folder, 'cache')).mode & 0o777).toBe(0o755);
  expect(statSync(join(folder, 'cache', name)).mode & 0o777).toBe(0o644);
});
