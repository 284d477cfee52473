import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigFileError } from '@asphalt/core/errors';
import { errorOf, tempFolder } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import { readConfigFile } from '../../src/config/sources/files.ts';

type Content = string | Uint8Array;

/** Creates a file with this content and others next to it, and reads it. */
function read(name: string, content: Content, env = {}, others: Readonly<Record<string, Content>> = {}) {
  return readConfigFile(name, { cwd: tempFolder({ [name]: content, ...others }), env });
}

async function messageOf(name: string, content: Content, others: Readonly<Record<string, Content>> = {}) {
  const error = await errorOf(() => read(name, content, {}, others));
  expect(error).toBeInstanceOf(ConfigFileError);
  return error.message;
}

describe('YAML', () => {
  test('supports YAML 1.2 with anchors and merge keys', () => {
    const text = `
base: &base { a: 1, b: 2 }
more: &more { c: 3 }
one: { <<: *base, b: 5 }
two: { <<: [*more, *base] }
text: [yes, on, 0o17, 1.0, ~]
1.0: key
`;
    expect(read('app.yaml', text).data).toEqual({
      base: { a: 1, b: 2 },
      more: { c: 3 },
      one: { a: 1, b: 5 },
      two: { a: 1, b: 2, c: 3 },
      text: ['yes', 'on', 15, 1, null],
      '1.0': 'key',
    });
  });

  test('includes environment variables and other files through tags', () => {
    const text = `
set: !Env SOME_NAME
unset: !Env NO_NAME
empty: !Env EMPTY
standard: !Env { name: NO_NAME, default: 5 }
other: !Env { name: SOME_NAME, default: 5 }
text: !TextFile parts/text.txt
bytes: !BinaryFile parts/bytes.bin
`;
    const cwd = tempFolder({
      'conf/app.yaml': text,
      'conf/parts/text.txt': 'some text\n',
      'conf/parts/bytes.bin': new Uint8Array([0, 255]),
    });
    expect(readConfigFile('conf/app.yaml', { cwd, env: { SOME_NAME: 'x', EMPTY: '' } }).data).toEqual({
      set: 'x',
      unset: null,
      empty: null,
      standard: 5,
      other: 'x',
      text: 'some text',
      bytes: new Uint8Array([0, 255]),
    });
  });
});

test.each([
  ['secret\n', 'secret'],
  ['secret\r\n', 'secret'],
  ['secret\n\n', 'secret\n'],
  ['secret\r', 'secret\r'],
  ['one\ntwo', 'one\ntwo'],
  ['secret', 'secret'],
  ['\n', ''],
  ['', ''],
])('!TextFile removes one line break from the end of %j', (content, text) => {
  const cwd = tempFolder({ 'app.yaml': 'a: !TextFile secret.txt\nb: !BinaryFile secret.txt', 'secret.txt': content });
  const { a, b } = readConfigFile('app.yaml', { cwd, env: {} }).data as { a: string; b: Uint8Array };
  expect([a, Buffer.from(b).toString()]).toEqual([text, content]);
});

test.each(['app.json', 'app.json5'])('readConfigFile() rejects a duplicate key in %s', (name) => {
  const text = '{\n  "a": { "b": [{ "c": "d" }, { "c": "{" }], "a": "b" },\n  "\\u0061": 2\n}';
  expect(() => readConfigFile(name, { cwd: tempFolder({ [name]: text }), env: {} })).toThrow(
    `Cannot read ${name}: it contains a duplicate key (line 3)`,
  );
  expect(() =>
    readConfigFile(name, { cwd: tempFolder({ [name]: text.replace('\\u0061', 'b') }), env: {} }),
  ).not.toThrow();
});

describe('the place of a value', () => {
  const text = `base: &base
  a: 1
component:
  <<: *base
  list:
    - x
    - { deep: 2 }
  env: !Env SOME_NAME
  other: !Env { name: OTHER_NAME }
alias: *base
`;
  const places = [
    [['base', 'a'], 2, 3, 'app.yaml:2:3'],
    [['component'], 3, 1, 'app.yaml:3:1'],
    [['component', 'a'], 2, 3, 'app.yaml:2:3'],
    [['component', 'list', '1', 'deep'], 7, 9, 'app.yaml:7:9'],
    [['component', 'list', '0'], 6, 7, 'app.yaml:6:7'],
    [['component', 'env'], 8, 3, 'app.yaml:8:3 (!Env SOME_NAME)'],
    [['component', 'other'], 9, 3, 'app.yaml:9:3 (!Env OTHER_NAME)'],
    [['alias', 'a'], 2, 3, 'app.yaml:2:3'],
  ] as const;

  test.each(places)('of %j is line %i, column %i', (path, line, column, place) => {
    const cwd = tempFolder({ 'app.yaml': text });
    const origin = readConfigFile('app.yaml', { cwd, env: {} }).locate(path);
    const tag = /\((!.*)\)/.exec(place)?.[1];
    expect(origin).toEqual({ kind: 'file', text: place, file: join(cwd, 'app.yaml'), line, column, tag });
  });

  test('is known in JSON, too', () => {
    expect(read('app.json', '{\n  "a": {\n\t"b": [1, 2] } }').locate(['a', 'b', '1'])).toMatchObject({
      line: 3,
      column: 11,
    });
  });

  test('is only the file name for JSON that is not YAML', () => {
    const text = JSON.stringify({ ['long'.repeat(300)]: 1 });
    expect(read('app.json', text).locate(['x'])).toMatchObject({ kind: 'file', text: 'app.json' });
  });
});

/** Calls as an unprivileged user. Containers often run tests as root, which may read every file. */
function asOrdinaryUser<T>(call: () => T): T {
  if (process.geteuid?.() !== 0) return call();
  const nobody = 65_534;
  process.seteuid!(nobody);
  try {
    return call();
  } finally {
    process.seteuid!(0);
  }
}

describe('readConfigFile()', () => {
  test('rejects a missing file', async () => {
    const error = await errorOf(() => readConfigFile('conf/app.yaml', { cwd: tempFolder(), env: {} }));
    expect(error.message).toMatchInlineSnapshot(`
      "Cannot read conf/app.yaml: there is no such file
        code         ERR_CONFIG_FILE"
    `);
    expect(error).toMatchObject({ file: 'conf/app.yaml', line: undefined, cause: { code: 'ENOENT' } });
  });

  test('rejects a folder', async () => {
    const cwd = tempFolder();
    mkdirSync(join(cwd, 'app.yaml'));
    const error = await errorOf(() => readConfigFile('app.yaml', { cwd, env: {} }));
    expect(error.message).toMatchInlineSnapshot(`
      "Cannot read app.yaml: it is a folder
        code         ERR_CONFIG_FILE"
    `);
  });

  test.skipIf(process.platform === 'win32')('rejects a pipe without waiting for a writer', async () => {
    const cwd = tempFolder();
    execFileSync('mkfifo', [join(cwd, 'app.yaml')]);
    const error = await errorOf(() => readConfigFile('app.yaml', { cwd, env: {} }));
    expect(error.message).toMatchInlineSnapshot(`
      "Cannot read app.yaml: it is not a regular file
        code         ERR_CONFIG_FILE"
    `);
  });

  test.skipIf(process.platform === 'win32')(
    'rejects a file, or an included file, without read permission',
    async () => {
      const cwd = tempFolder({ 'app.yaml': '', 'taking.yaml': 'a: !TextFile app.yaml', 'closed/app.yaml': 'a: 1' });
      chmodSync(cwd, 0o755);
      chmodSync(join(cwd, 'app.yaml'), 0o000);
      chmodSync(join(cwd, 'closed'), 0o000);
      const read = (name: string): Promise<Error> =>
        errorOf(() => asOrdinaryUser(() => readConfigFile(name, { cwd, env: {} })));
      const errors = [await read('app.yaml'), await read('closed/app.yaml'), await read('taking.yaml')];
      // Allows the cleanup to remove the folder.
      chmodSync(join(cwd, 'closed'), 0o755);
      expect(errors.map(({ message }) => message)).toMatchInlineSnapshot(`
      [
        "Cannot read app.yaml: permission denied
        code         ERR_CONFIG_FILE",
        "Cannot read closed/app.yaml: permission denied
        code         ERR_CONFIG_FILE",
        "Cannot read taking.yaml: !TextFile app.yaml: permission denied (line 1)
        at           taking.yaml:1:4
                     1 │ a: …
                       │    ^
        code         ERR_CONFIG_FILE",
      ]
    `);
      expect(errors[0]).toMatchObject({ cause: { code: 'EACCES' } });
    },
  );

  test('rejects an unknown format', async () => {
    expect(await messageOf('app.toml', '')).toMatchInlineSnapshot(`
      "Unknown configuration format: "app.toml"
        help         use .yaml, .json, .json5 or .ts
        code         ERR_CONFIG_FILE"
    `);
  });

  test('rejects the type of a component in place of a file', async () => {
    expect(await messageOf('app.ts:App', '')).toMatchInlineSnapshot(`
      "Cannot read app.ts:App: it names an export, not a file
        help         set the root component: --set component.type=./app.ts:App
                     or export it as the default of the module
        code         ERR_CONFIG_FILE"
    `);
    expect(await messageOf('../app.js:App', '')).toContain('--set component.type=../app.js:App');
  });

  test('rejects invalid YAML with the place of the error', async () => {
    const text = 'component:\n  port: [1, 2\nlogging: info\n';
    expect(await messageOf('app.yaml', text)).toMatchInlineSnapshot(`
      "Cannot read app.yaml: it is not valid YAML (line 3)
        at           app.yaml:3:1
                     3 │ logging: …
                       │ ^
        note         Flow sequence in block collection must be sufficiently indented and end with a ]
        code         ERR_CONFIG_FILE"
    `);
    const error = await errorOf(() => read('app.yaml', text));
    expect(error).toMatchObject({ line: 3, column: 1 });
  });

  test('shows the end of a long line up to the error', async () => {
    expect(await messageOf('app.yaml', `a: [${'1, '.repeat(60)}}, ${'1, '.repeat(60)}]`)).toMatchInlineSnapshot(`
      "Cannot read app.yaml: it is not valid YAML (line 1)
        at           app.yaml:1:185
                     1 │ , …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, }
                       │                                                                                          ^
        note         Flow sequence in block collection must be sufficiently indented and end with a ]
        code         ERR_CONFIG_FILE"
    `);
  });

  test('rejects a duplicate key in YAML', async () => {
    expect(await messageOf('app.yaml', 'a: 1\na: 2\n')).toMatchInlineSnapshot(`
      "Cannot read app.yaml: it contains a duplicate key (line 2)
        at           app.yaml:2:1
                     2 │ a: …
                       │ ^
        note         the first one is in line 1
        help         remove one of them
        code         ERR_CONFIG_FILE"
    `);
  });

  test('rejects a duplicate key in JSON', async () => {
    expect(await messageOf('app.json', '{\n  "a": 1,\n  "b": { "a": 2 },\n  "a": 3\n}')).toMatchInlineSnapshot(`
      "Cannot read app.json: it contains a duplicate key (line 4)
        at           app.json:4:3
                     4 │   "a": …
                       │   ^
        note         the first one is in line 2
        help         remove one of them
        code         ERR_CONFIG_FILE"
    `);
  });

  test('rejects several documents', async () => {
    expect(await messageOf('app.yaml', 'a: 1\n---\nb: 2\n')).toMatchInlineSnapshot(`
      "Cannot read app.yaml: it contains several documents (line 2)
        at           app.yaml:2:1
                     2 │ ---
                       │ ^
        help         put each document in its own file
        code         ERR_CONFIG_FILE"
    `);
  });

  test('rejects an unknown tag', async () => {
    expect(await messageOf('app.yaml', 'a: !!python/name:os.system x\n')).toMatchInlineSnapshot(`
      "Cannot read app.yaml: it contains an unknown tag (line 1)
        at           app.yaml:1:4
                     1 │ a: …
                       │    ^
        help         use !Env, !TextFile or !BinaryFile
                     or quote text that starts with !
        code         ERR_CONFIG_FILE"
    `);
  });

  test('rejects an alias without an anchor', async () => {
    expect(await messageOf('app.yaml', 'a: 1\nb: *nowhere\n')).toMatchInlineSnapshot(`
      "Cannot read app.yaml: it contains an alias without an anchor (line 2)
        at           app.yaml:2:4
                     2 │ b: …
                       │    ^
        help         quote text that starts with *
        code         ERR_CONFIG_FILE"
    `);
  });

  test('rejects a missing !TextFile', async () => {
    expect(await messageOf('app.yaml', 'a:\n  b: !TextFile no.txt\n')).toMatchInlineSnapshot(`
      "Cannot read app.yaml: !TextFile no.txt: there is no such file (line 2)
        at           app.yaml:2:6
                     2 │   b: …
                       │      ^
        code         ERR_CONFIG_FILE"
    `);
  });

  test('rejects an !Env with unknown keys', async () => {
    expect(await messageOf('app.yaml', 'a: !Env { nam: X }\n')).toMatchInlineSnapshot(`
      "Cannot read app.yaml: !Env takes a name, or { name, default } (line 1)
        at           app.yaml:1:4
                     1 │ a: …
                       │    ^
        code         ERR_CONFIG_FILE"
    `);
  });

  test.each(['a.yaml', 'b.json'])('rejects the empty file %s', async (name) => {
    expect(await messageOf(name, '')).toContain(`Cannot read ${name}: it is empty`);
  });

  test('rejects a file with only a comment', async () => {
    expect(await messageOf('app.yaml', '# later\n')).toMatchInlineSnapshot(`
      "Cannot read app.yaml: it is empty
        help         add the configuration to it, or do not pass it
        code         ERR_CONFIG_FILE"
    `);
  });

  test('rejects a list at the top level', async () => {
    expect(await messageOf('app.yaml', '- a\n')).toMatchInlineSnapshot(`
      "Cannot read app.yaml: expected a mapping, got a list
        help         start with a key such as \`component:\`
        code         ERR_CONFIG_FILE"
    `);
  });

  test('rejects a single value at the top level', async () => {
    expect(await messageOf('app.yaml', 'component\n')).toContain('expected a mapping, got a single value');
  });

  test('rejects invalid JSON without quoting the text', async () => {
    expect(await messageOf('app.json', '{\n  "a": 1,\n}')).toMatchInlineSnapshot(`
      "Cannot read app.json: it is not valid JSON (line 3)
        at           app.json:3:1
                     3 │ }
                       │ ^
        help         fix the syntax, or rename the file to .yaml if it is YAML
        code         ERR_CONFIG_FILE"
    `);
  });

  test.each([
    ['{ "a": abc }', 8],
    ['{ "a": }', 8],
    ["{ 'a': 1 }", 3],
    ['{ a: 1 }', 3],
    ['{ "a": [1,,2] }', 11],
  ])('locates the error in %s at column %i', async (text, column) => {
    expect(await errorOf(() => read('app.json', text))).toMatchObject({ column });
  });
});

describe('readConfigFile() for hostile files', () => {
  test.each([
    ['app.yaml', 'component:\n  __proto__: { polluted: true }\n'],
    ['app.json', '{ "component": {\n  "constructor": { "polluted": true } } }'],
  ])('rejects keys that could reach a prototype in %s', async (name, text) => {
    const error = await errorOf(() => read(name, text));
    expect(error).toMatchObject({ code: 'ERR_CONFIG_FILE', line: 2, column: 3 });
    expect({}).not.toHaveProperty('polluted');
  });

  test('shows a forbidden key in the message', async () => {
    expect(await messageOf('app.yaml', 'a:\n  __proto__: 1\n')).toMatchInlineSnapshot(`
      "Cannot read app.yaml: key \`a.__proto__\` has a name that is reserved in JavaScript
        at           app.yaml:2:3
                     2 │   __proto__: …
                       │   ^
        help         rename it or leave it out
        code         ERR_CONFIG_FILE"
    `);
  });

  test('rejects aliases that expand exponentially', async () => {
    const levels = 'bcdefghi'.split('').map((name, index) => {
      const before = String.fromCharCode(name.charCodeAt(0) - 1);
      return `${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}] # level ${index}`;
    });
    const text = `a: &a [1, 1, 1]\n${levels.join('\n')}\n`;
    expect(await messageOf('app.yaml', text)).toContain('its aliases expand into too much data');
  });

  test.each(['app.yaml', 'app.json'])('rejects excessive nesting in %s', async (name) => {
    const message = await messageOf(name, `{"a":${'['.repeat(3_000)}${']'.repeat(3_000)}}`);
    expect(message).toMatch(/nested (too deeply|more than 1000 levels deep)/);
  });

  test('rejects a file of more than 1 MB', async () => {
    expect(await messageOf('app.yaml', new Uint8Array(1024 * 1024 + 1))).toMatchInlineSnapshot(`
      "Cannot read app.yaml: it is larger than 1 MB
        code         ERR_CONFIG_FILE"
    `);
  });

  test('rejects bytes that are not UTF-8', async () => {
    expect(await messageOf('app.yaml', new Uint8Array([97, 58, 32, 0xff]))).toMatchInlineSnapshot(`
      "Cannot read app.yaml: it is not UTF-8 text
        code         ERR_CONFIG_FILE"
    `);
  });
});
