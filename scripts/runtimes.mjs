// `npm run test:runtimes`: runs the applications of this repository, as they were built, on every runtime that is
// supported, and prints a table. The first run downloads the runtimes. The last line counts the tests as that of
// `npm test` does; those of a runtime that cannot be installed are skipped.
// `npm run test:runtimes -- deno node-22` runs them on those runtimes only.

import { constants } from 'node:os';
import { build } from './build.mjs';
import { installRuntimes } from './runtimes/install.mjs';
import { endPrograms, Program } from './runtimes/program.mjs';
import { tests } from './runtimes/tests.mjs';
import { fail, say, seconds, setup } from './setup.mjs';

const parts = ['packages/cli', 'packages/sql', 'packages/threads', 'apps/echo', 'apps/pagewatch'];
const limitMs = 60_000;
const started = Date.now();

await setup();
if (!(await build(parts))) fail('The build failed: what the compiler said stands above.');
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stop(signal));
const runtimes = await installRuntimes(process.argv.slice(2), stopping.signal);

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

/** Runs all tests on one runtime, one after the other, so that their times can be compared. */
async function runTests(runtime) {
  say(`\n── ${runtime.name}`);
  const results = new Map();
  for (const { name, test } of tests) {
    const begun = Date.now();
    const error = await withLimit(test(runtime)).then(
      () => undefined,
      (thrown) => thrown,
    );
    await endPrograms();
    const took = seconds(begun);
    results.set(name, { error, took });
    say(`${error === undefined ? 'ok    ' : 'failed'} ${name} (${took})`);
    if (error !== undefined) say(error.stack);
  }
  return { results, features: await featuresOf(runtime) };
}

/** Leaves nothing behind. */
async function stop(signal) {
  stopping.abort();
  await endPrograms();
  process.exit(128 + constants.signals[signal]);
}

/** Which features it has, by name. */
async function featuresOf(runtime) {
  const probe = new Program(runtime, 'scripts/runtimes/programs', ['features.mjs']);
  const code = await withLimit(probe.ended);
  if (code !== 0) throw new Error(`${runtime.name} could not tell its features (${code}):\n${probe.stderr}`);
  return JSON.parse(probe.stdout);
}

function withLimit(work) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Not done within ${limitMs / 1000} s`)), limitMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** A row for each test and for each feature of a runtime that parts of the packages build on. */
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
