/**
 * A process that takes samples: `sample.js WORKLOAD SUBJECT…` writes each as a line of JSON. With `--smoke` it does so
 * with the least effort, which is a test that every subject still does what it is measured for.
 */
import { parseArgs } from 'node:util';
import { workloads } from './workloads.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { smoke: { type: 'boolean' } } });
const [name, ...subjects] = positionals;
const workload = workloads.find((candidate) => candidate.name === name);
if (!workload) throw new Error(`There is no workload "${name}"`);

for (const subject of subjects) {
  if (values.smoke) await workload.prepare?.(subject, 'smoke');
  const sample = await workload.sample(subject, values.smoke ? 'smoke' : 'full');
  console.log(JSON.stringify(sample));
}
// What a subject left behind, such as a timer, is not waited for.
process.exit();
