/**
 * `npm run bench`: measures all workloads, or those selected by name or by the start of their name, and prints each
 * result at once. A run of all workloads rewrites the reference page; `--page` names another file.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { reportJson, reportMarkdown, type Measured } from './harness/report.ts';
import { takeSamples } from './harness/rounds.ts';
import { summarize } from './harness/statistics.ts';
import { referencePage } from './reference-page.ts';
import { workloads } from './workloads.ts';

const leastRounds = 9;
const reference = new URL('../../../docs/reference/benchmarks.md', import.meta.url);

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    page: { type: 'string' },
    rounds: { type: 'string', default: String(leastRounds) },
  },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < leastRounds)
  fail(`--rounds must be a whole number of at least ${leastRounds}`);

const chosen = workloads.filter(
  ({ name }) => wanted.length === 0 || wanted.some((word) => name === word || name.startsWith(`${word}-`)),
);
const unknown = wanted.filter((word) => !chosen.some(({ name }) => name === word || name.startsWith(`${word}-`)));
if (unknown.length > 0) {
  fail(`Unknown workload: ${unknown.join(', ')}; known: ${workloads.map(({ name }) => name).join(', ')}`);
}

const measured: Measured[] = [];
for (const workload of chosen) {
  console.error(`${workload.name}: ${rounds} rounds of ${workload.subjects.length} subjects`);
  const results = summarize(workload, await takeSamples(workload, rounds));
  measured.push({ workload, results });
  console.log(reportMarkdown({ workload, results }));
  if (values.json !== undefined) writeFileSync(values.json, reportJson(measured));
}
const page = values.page ?? (wanted.length === 0 ? reference : undefined);
if (page !== undefined) writeFileSync(page, referencePage(measured));

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
