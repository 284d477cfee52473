import { reportMarkdown, type Measured } from './harness/report.ts';
import { machineText, versionsOf } from './harness/surroundings.ts';

/** The page of the reference that tells what was measured, on what, and what came out. */
export function referencePage(measured: readonly Measured[]): string {
  const subjects = measured.flatMap(({ workload }) => workload.subjects);
  return `# Benchmarks

Written by \`npm run bench\`; [its page](../../apps/bench/README.md) tells how it measures and where the time goes.
Less is better everywhere. Each number is a median, with the quartiles in parentheses. Ratios are taken within the same
round, so that what slows the machine down for a while slows both sides.

${machineText()}

${versionsOf(subjects).join(', ')}.

${measured.map(reportMarkdown).join('\n')}`;
}
