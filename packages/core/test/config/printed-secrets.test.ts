/** Checks that a test fails if it prints a secret: runs Vitest with tests that each print one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempFolder } from '@asphalt/test-support';
import { expect, test } from 'vitest';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));

const leaks = {
  console: 'console.log({ password: secret });',
  'console with a format': 'console.warn("%s%s", "hunt", "er2");',
  'standard output': 'process.stdout.write(secret);',
  'standard error, in pieces': 'process.stderr.write("hunt"); process.stderr.write(Buffer.from("er2"));',
  'a process': 'await once(spawn(process.execPath, ["-e", print]), "close");',
  'a process, on standard error': 'await once(spawn(process.execPath, ["-e", printError]), "close");',
  'a process whose output is decoded':
    'const child = spawn(process.execPath, ["-e", print]); child.stdout.setEncoding("utf8").resume(); await once(child, "close");',
  execFile: 'await promisify(execFile)(process.execPath, ["-e", print]);',
  spawnSync: 'spawnSync(process.execPath, ["-e", printError]);',
  execFileSync: 'execFileSync(process.execPath, ["-e", print]);',
  'execFileSync that fails':
    'expect(() => execFileSync(process.execPath, ["-e", `${print};process.exit(1)`])).toThrow();',
};

const innocent = {
  nothing: '',
  'other text': 'console.log("a hunter in the woods"); spawnSync(process.execPath, ["-e", "console.log(1)"]);',
};

const head = `
  import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
  import { once } from 'node:events';
  import { promisify } from 'node:util';
  import { expect, test } from 'vitest';
  const secret = 'hunter2';
  // The arguments of a process are printed if it fails, so they do not contain the secret literally.
  const print = 'process.stdout.write("hunter" + 2)';
  const printError = 'process.stderr.write("hunter" + 2)';
`;

test('a test fails if it or one of its processes prints a secret', async () => {
  const tests = Object.entries({ ...leaks, ...innocent }).map(
    ([name, body]) => `test(${JSON.stringify(name)}, async () => { ${body} });`,
  );
  const folder = tempFolder({
    'leaks.test.mjs': head + tests.join('\n'),
    'vitest.config.mjs': `export default { test: { setupFiles: [${JSON.stringify(join(repository, 'scripts/printed-secrets.mjs'))}] } };`,
  });
  const report = join(folder, 'report.json');
  const vitest = join(repository, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--root', folder, '--reporter=json', `--outputFile=${report}`];
  // Discards the output, which contains the secrets.
  await once(spawn(process.execPath, args, { cwd: repository, stdio: 'ignore' }), 'close');
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: { assertionResults: { title: string; status: string; failureMessages: string[] }[] }[];
  };
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  const named = (status: string): string[] =>
    results.filter((result) => result.status === status).map(({ title }) => title);
  expect(named('failed')).toEqual(Object.keys(leaks));
  expect(named('passed')).toEqual(Object.keys(innocent));
  for (const { failureMessages } of results.filter(({ status }) => status === 'failed')) {
    expect(failureMessages.join()).toMatch(/^Error: A secret was printed, by /);
  }
});

test('no stored snapshot contains a secret', () => {
  // Not all of a package: its node_modules contains links to other packages and back.
  const folders = ['packages', 'apps']
    .flatMap((group) => readdirSync(join(repository, group)).map((name) => join(repository, group, name, 'test')))
    .filter((folder) => existsSync(folder));
  const snapshots = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.snap'))
      .map((file) => join(folder, file)),
  );
  expect(snapshots.length).toBeGreaterThan(0);
  expect(snapshots.filter((file) => /hunter\d/.test(readFileSync(file, 'utf8')))).toEqual([]);
});
