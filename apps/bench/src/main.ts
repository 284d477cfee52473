/**
 * `npm run bench`: measures all workloads, or those selected by name or by the start of their name, and prints each
 * result at once. A run of all workloads rewrites the page of results and its summary; `--page` writes another file
 * instead. A result above the limit of its workload ends it with exit code 1. With `--against`, it compares Asphalt in this checkout with Asphalt in another one.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkoutOf, openCheckout } from './harness/checkout.ts';
import {
  compare,
  comparisonHead,
  comparisonJson,
  comparisonRow,
  passes,
  type Comparison,
} from './harness/comparison.ts';
import { exceededLimits } from './harness/limits.ts';
import { reportJson, reportMarkdown, type Measured } from './harness/report.ts';
import { takeSamples } from './harness/rounds.ts';
import { summarize } from './harness/statistics.ts';
import { summaryPage } from './harness/summary-page.ts';
import { readOptions, type Options } from './options.ts';
import { resultsPage } from './harness/results-page.ts';
import { workloads } from './workloads.ts';

const root = new URL('../../../', import.meta.url);
const summaryFile = new URL('docs/reference/benchmarks.md', root);
const resultsFile = new URL('apps/bench/RESULTS.md', root);

const options = readArguments();
if (options.against === undefined) await measureAll(options);
else process.exitCode = (await compareAll(options, options.against)) ? 0 : 1;
// Does not wait for what workloads have prepared. Their servers end with this process.
process.exit();

function readArguments(): Options {
  try {
    return readOptions(process.argv.slice(2), workloads);
  } catch (error) {
    return fail(error);
  }
}

async function measureAll({ workloads: chosen, rounds, json, page }: Options): Promise<void> {
  const measured: Measured[] = [];
  for (const workload of chosen) {
    console.error(`${workload.name}: ${rounds} rounds of ${workload.subjects.length} subjects`);
    const results = summarize(workload, await takeSamples(workload, rounds));
    measured.push({ workload, results });
    console.log(reportMarkdown({ workload, results }));
    for (const text of exceededLimits(workload, results)) {
      console.error(text);
      process.exitCode = 1;
    }
    if (json !== undefined) writeFileSync(json, reportJson(measured));
  }
  if (page !== undefined) {
    writeFileSync(page, resultsPage(measured));
  } else if (chosen.length === workloads.length) {
    writeFileSync(resultsFile, resultsPage(measured));
    writeFileSync(summaryFile, summaryPage(measured));
  }
}

/** @returns whether the comparison passes */
async function compareAll({ workloads: chosen, rounds, json }: Options, against: string): Promise<boolean> {
  const before = await openCheckout(against).catch(fail);
  const after = checkoutOf(fileURLToPath(root), workloads);
  const comparisons: Comparison[] = [];
  console.log(comparisonHead);
  for (const workload of chosen) {
    const comparison = await compare(before, after, workload, rounds);
    comparisons.push(comparison);
    console.log(comparisonRow(comparison));
    if (json !== undefined) writeFileSync(json, comparisonJson(comparisons));
  }
  return passes(comparisons);
}

function fail(error: unknown): never {
  console.error((error as Error).message);
  process.exit(2);
}
