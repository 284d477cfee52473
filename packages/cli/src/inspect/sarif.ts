/** Writes the problems of a plan as SARIF 2.1.0, the format in which code hosts and editors accept findings. */
import { isAbsolute, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ProblemDescription } from '@asphalt/core/inspect';

const schema = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** @param cwd - base folder of relative file names, so that the host finds them in the repository */
export function reportSarif(problems: readonly ProblemDescription[], version: string, cwd: string): string {
  const codes = [...new Set(problems.map(({ code }) => code))];
  const run = {
    tool: {
      driver: { name: 'asphalt', version, rules: codes.map((id) => ({ id })) },
    },
    results: problems.map((problem) => ({
      ruleId: problem.code,
      ruleIndex: codes.indexOf(problem.code),
      level: 'error',
      message: { text: problem.message },
      locations: locationsOf(problem, cwd),
    })),
  };
  return `${JSON.stringify({ $schema: schema, version: '2.1.0', runs: [run] }, undefined, 2)}\n`;
}

function locationsOf({ place }: ProblemDescription, cwd: string): object[] {
  if (!place) return [];
  const near = relative(cwd, place.file);
  const outside = near.startsWith('..') || isAbsolute(near);
  const uri = outside ? pathToFileURL(place.file).href : near.split('\\').join('/');
  const region = { startLine: place.line, startColumn: place.column };
  return [{ physicalLocation: { artifactLocation: { uri }, region } }];
}
