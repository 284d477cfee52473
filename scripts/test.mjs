// `npm test`: runs every check that a change must pass. Each step runs even if an earlier one failed.
// The last line counts the tests for users and CI: `412 passed, 0 failed, 1 skipped`.
// `npm test -- packages/core -t closes` only builds, and runs the tests that vitest selects by these arguments.

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { build } from './build.mjs';
import { findBrowser, prepareSystemPrograms } from './system-programs.mjs';
import { program, root, say, seconds, setup, succeeds } from './setup.mjs';

const reportFile = join(root, 'node_modules', '.vitest-report.json');
const codesFolder = join(root, 'node_modules', '.thrown-codes');
const selection = process.argv.slice(2);

await setup();
prepareSystemPrograms();
const browser = findBrowser();
if (browser) process.env.CHROMIUM_PATH = browser;
// vitest would also color the log of a CI job.
if (!process.stdout.isTTY && !process.env.FORCE_COLOR) process.env.NO_COLOR = '1';

const steps = {
  build: async () => {
    const isBuilt = await build();
    // Each test file that uses the build would check again that it is as new as the sources, in 0.25 s.
    if (isBuilt) process.env.FRESH_BUILD = 'true';
    return [isBuilt, await everyTypeTestIsCompiled()].every(Boolean);
  },
  lint: () => succeeds(program('oxlint'), []),
  format: () => succeeds(program('oxfmt'), ['--check']),
  // These three read sources with libraries that setup() installs.
  prose: async () => (await import('./prose.mjs')).checkProse(),
  house: async () => (await import('./house.mjs')).checkHouse(),
  unused: () => succeeds(program('knip'), ['--no-progress']),
  api: () => succeeds(process.execPath, ['tools/api-report/report.mjs', '--check']),
  tests: async () => {
    rmSync(reportFile, { force: true });
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
    rmSync(codesFolder, { recursive: true, force: true });
    mkdirSync(codesFolder);
    const env = { ...process.env, THROWN_CODES_FOLDER: codesFolder };
    return succeeds(program('vitest'), ['run', ...reporters, ...selection], { env });
  },
  // The tests record the codes.
  codes: async () => (await import('./check-codes.mjs')).checkCodes(codesFolder),
};
// Tests that start real programs use the build.
const chosen = selection.length > 0 ? ['build', 'tests'] : Object.keys(steps);

const outcomes = [];
for (const name of chosen) {
  say(`\n── ${name}`);
  const started = Date.now();
  const ok = await steps[name]().catch((error) => say(error.stdout || error.stack));
  outcomes.push({ name, ok, took: seconds(started) });
}

say('');
for (const { name, ok, took } of outcomes)
  say(`${name.padEnd(8)}${(ok ? 'ok' : 'failed').padEnd(8)}${took.padStart(7)}`);
const tests = readReport();
if (selection.length === 0) for (const name of tests.skipped) say(`skipped ${name}`);
// A failed check counts as a failed test, so "0 failed" always means success.
const failed = tests.failed + outcomes.filter(({ name, ok }) => !ok && (name !== 'tests' || tests.failed === 0)).length;
say(`${tests.passed} passed, ${failed} failed, ${tests.skipped.length} skipped`);
process.exitCode = failed === 0 ? 0 : 1;

/** Fails if no project includes a type test, which would then pass without being compiled. */
async function everyTypeTestIsCompiled() {
  const references = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')).references.map(({ path }) => path);
  const listings = await Promise.all(
    references
      .filter((path) => path.endsWith('/test'))
      .map((path) => promisify(execFile)(program('tsc'), ['--project', path, '--listFilesOnly'], { cwd: root })),
  );
  const compiled = new Set(listings.flatMap(({ stdout }) => stdout.split('\n')).map((file) => relative(root, file)));
  const missed = ['packages', 'apps'].flatMap(typeTestsIn).filter((file) => !compiled.has(file));
  for (const file of missed) say(`${file} is in no test project of tsconfig.json, so it is never compiled`);
  return missed.length === 0;
}

function typeTestsIn(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ['node_modules', 'dist'].includes(entry.name) ? [] : typeTestsIn(path);
    return entry.name.endsWith('.test-d.ts') ? [path] : [];
  });
}

function readReport() {
  if (!existsSync(reportFile)) return { passed: 0, failed: 0, skipped: [] };
  const files = JSON.parse(readFileSync(reportFile, 'utf8')).testResults;
  const tests = files.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({ status, name: `${relative(root, name)} › ${fullName}` })),
  );
  const broken = files.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((t) => t.status !== 'failed'),
  );
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: tests.filter(({ status }) => status === 'failed').length + broken.length,
    skipped: tests.filter(({ status }) => !['passed', 'failed'].includes(status)).map(({ name }) => name),
  };
}
