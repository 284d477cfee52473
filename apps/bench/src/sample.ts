/**
 * A process that takes samples: `sample.js WORKLOAD SUBJECT…` writes each as a line of JSON. With `--smoke` it uses the
 * smallest verifiable size, which tests that every subject still works.
 */
import { parseArgs } from 'node:util';
import { workloads } from './workloads.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { smoke: { type: 'boolean' } } });
const [name, ...subjects] = positionals;
const workload = workloads.find((candidate) => candidate.name === name);
if (!workload) throw new Error(`Unknown workload "${name}"`);

for (const subject of subjects) {
  if (values.smoke) await workload.prepare?.(subject, 'smoke');
  const sample = await workload.sample(subject, values.smoke ? 'smoke' : 'full');
  console.log(JSON.stringify(sample));
}
// Does not wait for remaining handles of a subject, such as a timer.
process.exit();
