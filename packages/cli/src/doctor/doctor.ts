/** `asphalt doctor`: reports problems that prevent a project from compiling and running components, each with a fix. */
import { resolve } from 'node:path';
import { checkCompilerSettings } from './compiler-settings.ts';
import { checkRunner, checkTsx, checkVitest } from './compilers.ts';
import { checkCopies } from './copies.ts';
import type { Finding } from './finding.ts';
import { readProject } from './project.ts';
import { checkManifest, checkNode } from './environment.ts';
import type { Output } from '../terminal/output.ts';
import type { Paint } from '../terminal/paint.ts';
import { printable } from '../terminal/printable.ts';

export type DoctorFormat = 'text' | 'json';

/** Runs all checks and prints their findings. @returns the exit code: 1 if a finding has the verdict `wrong` */
export async function doctor(folder: string, format: DoctorFormat, stdout: Output): Promise<number> {
  const project = readProject(resolve(folder));
  const findings: Finding[] = [
    checkNode(),
    checkManifest(project),
    ...checkCompilerSettings(project),
    ...(await checkRunner(project)),
    ...checkTsx(project),
    ...(await checkVitest(project)),
    ...checkCopies(project),
  ];
  stdout.write(
    format === 'json' ? `${JSON.stringify(findings, undefined, 2)}\n` : findingsText(findings, stdout.paint),
  );
  return findings.some(({ verdict }) => verdict === 'wrong') ? 1 : 0;
}

function findingsText(findings: readonly Finding[], paint: Paint): string {
  const wrong = findings.filter(({ verdict }) => verdict === 'wrong').length;
  const end =
    wrong === 0
      ? paint('green', 'No problems found')
      : paint(['bold', 'red'], `${wrong} ${wrong === 1 ? 'problem' : 'problems'} found`);
  return [...findings.flatMap((finding) => lines(finding, paint)), '', end].map((line) => `${line}\n`).join('');
}

const colors = { ok: 'green', note: 'yellow', wrong: 'red' } as const;

function lines({ verdict, summary, details = [], help }: Finding, paint: Paint): string[] {
  const below = details.flatMap((detail) => printable(detail).split('\n')).map((detail) => `       ${detail}`);
  return [
    `${paint(colors[verdict], verdict.padEnd(5))}  ${summary}`,
    ...below,
    ...(help === undefined ? [] : [paint('green', `       help  ${help}`)]),
  ];
}
