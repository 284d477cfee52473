// `npm run test:runtimes`: runs the compiled applications of this repository on every supported runtime, and their
// end-to-end tests against their built form. Prints a table. The first run downloads the runtimes. The last line counts the
// tests like that of `npm test`. Tests of a runtime that cannot be installed are skipped.
// `npm run test:runtimes -- deno node-22` selects runtimes, on which the tests with a browser run, too.

import { constants } from 'node:os';
import { build } from './build.mjs';
import { BuiltApplications } from './runtimes/built.mjs';
import { installRuntimes } from './runtimes/install.mjs';
import { endPrograms, Program } from './runtimes/program.mjs';
import { tests as testsOfRuntimes } from './runtimes/tests.mjs';
import { fail, say, seconds, setup } from './setup.mjs';
import { findBrowser } from './system-programs.mjs';

const parts = ['packages/cli', 'packages/sql', 'packages/threads', 'apps/echo', 'apps/pagewatch', 'apps/orders'];
const standardLimitMs = 60_000;
const started = Date.now();

await setup();
const browser = findBrowser();
if (browser) process.env.CHROMIUM_PATH = browser;
if (!(await build(parts))) fail('The build failed; see the messages of the compiler above.');
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stop(signal));
const runtimes = await installRuntimes(process.argv.slice(2), stopping.signal);

const built = new BuiltApplications(process.argv.length > 2);
process.once('exit', () => built.remove());
const tests = [...testsOfRuntimes, ...built.tests()];
const outcomes = new Map();
for (const runtime of runtimes) {
  if (runtime.problem === undefined) outcomes.set(runtime, await runTests(runtime));
}

say('');
printTable();
say('');
for (const { name, problem } of runtimes) if (problem !== undefined) say(`${name} was skipped: ${problem}`);
const results = [...outcomes.values()].flatMap((outcome) => [...outcome.results.values()]);
const failed = results.filter(({ error }) => error !== undefined).length;
const skipped = (runtimes.length - outcomes.size) * tests.length;
say(`Took ${seconds(started)}`);
say(`${results.length - failed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;

/** Runs all tests on one runtime in sequence, so that their durations are comparable. */
async function runTests(runtime) {
  say(`\n── ${runtime.name}`);
  const results = new Map();
  for (const { name, test, limitMs = standardLimitMs } of tests) {
    const testStarted = Date.now();
    const error = await withLimit(test(runtime), limitMs).then(
      () => undefined,
      (thrown) => thrown,
    );
    await endPrograms();
    const took = seconds(testStarted);
    results.set(name, { error, took });
    say(`${error === undefined ? 'ok    ' : 'failed'} ${name} (${took})`);
    if (error !== undefined) say(error.stack);
  }
  return { results, features: await featuresOf(runtime) };
}

/** Stops all installations and programs before the process exits. */
async function stop(signal) {
  stopping.abort();
  await endPrograms();
  process.exit(128 + constants.signals[signal]);
}

/** Returns the features of a runtime, by name. */
async function featuresOf(runtime) {
  const probe = new Program(runtime, 'scripts/runtimes/programs', ['features.mjs']);
  const code = await withLimit(probe.ended, standardLimitMs);
  if (code !== 0) throw new Error(`${runtime.name} did not report its features (${code}):\n${probe.stderr}`);
  return JSON.parse(probe.stdout);
}

function withLimit(work, limitMs) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Exceeded the limit of ${limitMs / 1000} s`)), limitMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Prints one row for each test and for each optional feature of the runtimes. */
function printTable() {
  const columns = [...outcomes];
  const features = [...new Set(columns.flatMap(([, outcome]) => Object.keys(outcome.features)))];
  const rows = [
    ['', ...columns.map(([{ name }]) => name)],
    ...tests.map(({ name }) => [
      name,
      ...columns.map(([, { results }]) => {
        const { error, took } = results.get(name);
        return error === undefined ? took : 'failed';
      }),
    ]),
    ...features.map((feature) => [
      feature,
      ...columns.map(([, outcome]) => (outcome.features[feature] ? 'yes' : 'no')),
    ]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const [label, ...cells] of rows)
    say([label.padEnd(widths[0]), ...cells.map((cell, index) => cell.padStart(widths[index + 1]))].join('  '));
}
