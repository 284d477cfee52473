import { reportMarkdown, type Measured } from './report.ts';
import { machineText, versionsOf } from './surroundings.ts';

/** Returns the page of all results, with machine and versions. */
export function resultsPage(measured: readonly Measured[]): string {
  const subjects = measured.flatMap(({ workload }) => workload.subjects);
  return `# Results of the benchmarks

Written by \`npm run bench\`. [How it measures](README.md) is on another page. Less is better everywhere.
Each number is a median with the quartiles in parentheses. Ratios compare samples of the same round, so disturbances of
the machine affect both sides.

${machineText()}

${versionsOf(subjects).join(', ')}.

${measured.map(reportMarkdown).join('\n')}`;
}
