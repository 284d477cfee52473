import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { defineConfig } from '@asphalt/core';
import { loadConfig } from '@asphalt/core/config';
import { ConfigFileError } from '@asphalt/core/errors';
import { errorOf, tempFolder } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import { readConfigFile } from '../../src/config/sources/files.ts';
import { validated } from './validated.ts';

/** Far more time than linear code needs on a busy machine, and far less than quadratic code needs. */
const boundMs = 15_000;
/** Far less memory than the parser would use if it read the worst of these files completely. */
const heapMb = 128;

const lines = (count: number, line: (index: number) => string) => Array.from({ length: count }, (_, i) => line(i));
/** Repeats a text to a size just below the limit of a file. */
const filled = (text: string, room = 1024 * 1024 - 100): string => text.repeat(Math.floor(room / text.length));
const nested = filled('[', 512 * 1024 - 50) + filled(']', 512 * 1024 - 50);

/** Files, each with the reason after "Cannot read …: ". */
const hostile: Readonly<Record<string, readonly [text: string | Uint8Array, why: string]>> = {
  '10-mb.yaml': [`a: ${'x'.repeat(10 * 1024 * 1024)}`, 'it is larger than 1 MB'],
  '10-mb.json': [`{"a":"${'x'.repeat(10 * 1024 * 1024)}"}`, 'it is larger than 8 MB'],
  '10-mb.json5': [`{a:'${'x'.repeat(10 * 1024 * 1024)}'}`, 'it is larger than 1 MB'],
  'nested.yaml': [`a: ${nested}`, 'it is nested too deeply'],
  'nested.json': [`{"a":${nested}}`, 'it is nested too deeply'],
  'nested.json5': [`{a:${nested}}`, 'it is nested too deeply'],
  'nested-lists.yaml': [`a:\n  ${filled('- ')}`, 'it is nested too deeply'],
  'nested-a-little.yaml': [`a: ${'['.repeat(1_001)}${']'.repeat(1_001)}`, 'it is nested too deeply'],
  'steps.yaml': [lines(1_300, (i) => `${' '.repeat(i)}a:`).join('\n'), 'it is nested too deeply'],
  'questions.yaml': [filled('? '), 'it is nested too deeply'],
  'flow-list.yaml': [`a: [${filled('1,')}]`, 'it contains too many tokens'],
  'empty-lists.yaml': [`a: [${filled('[],')}]`, 'it contains too many tokens'],
  'commas.yaml': [`a: [${filled(',')}]`, 'it contains too many tokens'],
  'block-list.yaml': [`a:\n${filled('  - 1\n')}`, 'it contains too many tokens'],
  'keys.yaml': [lines(90_000, (i) => `k${i}: 1`).join('\n'), 'it contains too many tokens'],
  'tags.yaml': [`a: [${filled('!Env A,')}]`, 'it contains too many tokens'],
  'blank-lines.yaml': [`a: 1${filled('\n')}`, 'it contains too many tokens'],
  'documents.yaml': [filled('---\n'), 'it contains several documents'],
  'aliases.yaml': [`a: &a 1\n${lines(900, (i) => `k${i}: *a`).join('\n')}`, 'its aliases expand into too much data'],
  'many-aliases.yaml': [`a: [${lines(2_000, (i) => `&a${i} 1,*a${i}`).join(',')}]`, 'it contains too many aliases'],
  'merged.yaml': [
    `a: &a {${lines(10_000, (i) => `k${i}: 1`).join(',')}}\nb:\n  <<: [${'*a,'.repeat(900)}]`,
    'its aliases expand into too much data',
  ],
  'laughs.yaml': [
    `a: &a [1, 1]\n${lines(9, (i) => `x${i}: &x${i} [${`*${i === 0 ? 'a' : `x${i - 1}`},`.repeat(9)}]`).join('\n')}`,
    'its aliases expand into too much data',
  ],
  'itself.yaml': ['a: &a { b: *a }', 'key `a.b` contains itself'],
  'key-twice.yaml': [
    `${lines(12_000, (i) => `k${i}: 1`).join('\n')}\nk7: 2`,
    'it contains a duplicate key (line 12001)',
  ],
  'never-closed.yaml': [`a: "${filled('x\n')}`, 'it is not valid YAML'],
  'parts.json': [`{"a":[${filled('{},')}1]}`, 'it contains too many tokens'],
  'parts.json5': [`{a:[${filled('1,')}1]}`, 'it contains too many tokens'],
  'hidden.json5': [`{/*'*/a:${nested}/*'*/}`, 'it is nested too deeply'],
  'escapes.json5': [`{a:"${filled('\\"')}`, 'it is not valid JSON5'],
  'broken.json': [`{"a":[${filled('1,', 300_000)}}`, 'it is not valid JSON'],
  'broken.json5': [`{a:[${filled('1,', 300_000)}}`, 'it is not valid JSON5'],
  'not-json.json': [filled('k: 1\n'), 'it is not valid JSON'],
  'yaml.json': [lines(16_000, (i) => `k${i}: 1`).join('\n'), 'it is not valid JSON'],
  'flow.json': [`{ ${lines(16_000, (i) => `k${i}: 1`).join(', ')} }`, 'it is not valid JSON (line 1)'],
  '5-mb-yaml.json': [lines(500_000, (i) => `key${i}: 1`).join('\n'), 'it is not valid JSON'],
  '5-mb-text.json': [`{"a":"${'x'.repeat(5 * 1024 * 1024)}`, 'it is not valid JSON (line 1)'],
  '5-mb-broken.json': [
    `{${lines(40_000, (i) => `"key${i}":"${'x'.repeat(100)}"`).join(',')},}`,
    'it is not valid JSON',
  ],
  '5-mb-twice.json': [
    `{${lines(40_000, (i) => `"key${i}":"${'x'.repeat(100)}"`).join(',\n')},"key7":1}`,
    'it contains a duplicate key (line 40000)',
  ],
  '5-mb-lines.json': [`{"a":\n${'\n'.repeat(5 * 1024 * 1024)}x}`, 'it is not valid JSON'],
  'proto.yaml': ['component: { __proto__: { x: 1 } }', 'key `component.__proto__` has a name that is reserved'],
  'proto.json': ['{ "component": { "constructor": 1 } }', 'key `component.constructor` has a name that is reserved'],
  'proto.json5': ['{ component: { __proto__: { x: 1 } } }', 'key `component.__proto__` has a name that is reserved'],
  'bytes.yaml': [Uint8Array.from([0x61, 0x3a, 0x20, 0xff]), 'it is not UTF-8 text'],
  'bytes.json': [Uint8Array.from([0x22, 0xc3, 0x28, 0x22]), 'it is not UTF-8 text'],
};

/** Valid files that are large. */
const large: Readonly<Record<string, string>> = {
  'large.json': `{"x-data":{${lines(40_000, (i) => `"key${i}":"${'x'.repeat(100)}"`).join(',\n')}}}`,
  'long.json': `{"x-data":"${'\\"'.repeat(2_500_000)}"}`,
};

test('hostile files are rejected in bounded time and memory', { timeout: 4 * boundMs }, async () => {
  const files = Object.entries(hostile).map(([name, [text]]) => [name, text] as const);
  const cwd = tempFolder({ ...Object.fromEntries(files), ...large });
  execFileSync('mkfifo', [join(cwd, 'pipe.yaml')]);
  const program = fileURLToPath(new URL('load-each.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [`--max-old-space-size=${heapMb}`, '--import', import.meta.resolve('tsx'), program, cwd],
    // Kills the process if it hangs, which fails the test.
    { timeout: 3 * boundMs },
  );
  const results = Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as [string, string]),
  );
  const expected = Object.entries({ ...hostile, 'pipe.yaml': ['', 'it is not a regular file'] as const });
  expect(Object.keys(results).sort()).toEqual([...expected.map(([name]) => name), ...Object.keys(large)].sort());
  for (const name of Object.keys(large)) expect(results[name]).toBe('loaded');
  for (const [name, [, why]] of expected) {
    expect(results[name]).toContain(`Cannot read ${name}: ${why}`);
    expect(results[name]).toMatch(/code +ERR_CONFIG_FILE$/);
    expect(results[name]!.length).toBeLessThan(1_000);
  }
});

describe('a JSON file is read in linear time', () => {
  const entries = (size: number): string =>
    lines(Math.floor(size / 120), (i) => `"key${i}":"${'x'.repeat(100)}"`).join(',\n');
  const texts: Readonly<Record<string, (size: number) => string>> = {
    valid: (size) => `{"x-data":{${entries(size)}}}`,
    'valid, with white space': (size) => `{"x-data":\n${'\n'.repeat(size)}1}`,
    'valid, with escapes': (size) => `{"x-data":"${'\\"'.repeat(size / 2)}"}`,
    'invalid at its end': (size) => `{"x-data":{${entries(size)}},}`,
    'invalid, with many lines': (size) => `{"x-data":\n${'\n'.repeat(size)}x}`,
    'invalid for a duplicate key': (size) => `{"x-data":{${entries(size)},"key1":1}}`,
  };

  /** Reads a file, locates its last value, and returns the shortest of three durations. */
  function readingTime(cwd: string, name: string): number {
    const durations = Array.from({ length: 3 }, () => {
      const start = performance.now();
      try {
        readConfigFile(name, { cwd, env: {} }).locate(['x-data']);
      } catch (error) {
        if (!(error instanceof ConfigFileError)) throw error;
      }
      return performance.now() - start;
    });
    return Math.min(...durations);
  }

  test.each(Object.entries(texts))('if it is %s', { timeout: 4 * boundMs }, (_, textOf) => {
    const megabyte = 1024 * 1024;
    const cwd = tempFolder({ 'small.json': textOf(megabyte / 4), 'large.json': textOf(5 * megabyte) });
    readingTime(cwd, 'small.json');
    // Twenty times the size takes 400 times as long in quadratic time. Short durations vary on a busy machine.
    const boundMs = Math.max(1_500, 100 * readingTime(cwd, 'small.json'));
    expect(readingTime(cwd, 'large.json')).toBeLessThan(boundMs);
  });
});

test('a --set value of more than 1 MB is rejected', async () => {
  const error = await errorOf(() => loadConfig({ set: [`component.a=${'x'.repeat(10 * 1024 * 1024)}`], env: {} }));
  expect(error.message).toMatchInlineSnapshot(`
    "Cannot read the value of \`--set component.a=…\`: it is longer than 1 MB
      help         move it to a configuration file
      code         ERR_CONFIG_SET"
  `);
});

test.each(['yaml', 'json', 'json5'])(
  'problems beyond the first 100 are only counted (%s)',
  { timeout: boundMs },
  async (kind) => {
    const text = `{ "component": {\n${lines(10_000, (i) => `"k${i}": 1`).join(',\n')} } }`;
    const config = await loadConfig({ files: [`a.${kind}`], cwd: tempFolder({ [`a.${kind}`]: text }), env: {} });
    const { problems } = await validated(defineConfig({}), config);
    expect(problems).toHaveLength(101);
    expect(problems[0]).toMatchObject({ path: 'component.k0', from: `a.${kind}:2:1` });
    expect(problems.at(-1)).toEqual({ path: 'component', message: 'has 9900 more problems' });
  },
);
