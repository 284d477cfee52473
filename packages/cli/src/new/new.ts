/** `asphalt new`: makes a project that runs and whose tests pass. */
import { basename, relative, resolve } from 'node:path';
import type { Answers, NewArguments } from './answers.ts';
import { install } from './install.ts';
import { packageManagerOf, type PackageManager } from './package-managers.ts';
import { packageNameFor } from './package-name.ts';
import { copyTemplate, refuseOccupied } from './template.ts';
import type { Output } from '../terminal/output.ts';

/**
 * @param asks - whether there is somebody to ask
 * @returns the exit code: 1 when whoever was asked went away, or the installation failed
 */
export async function newProject(args: NewArguments, asks: boolean, version: string, stdout: Output): Promise<number> {
  const { packageManager = packageManagerOf(process.env['npm_config_user_agent']) } = args;
  const answers = asks ? await ask(args, packageManager) : defaults(args);
  if (!answers) return 1;
  const folder = resolve(answers.folder);
  refuseOccupied(folder);
  const files = copyTemplate(folder, { name: answers.name, version, packageManager });
  const shown = relative(process.cwd(), folder) || '.';
  stdout.write(`Made ${answers.name} in ${shown}: ${files.join(', ')}\n`);
  if (answers.install) await install(packageManager, folder);
  const steps = [
    ...(shown === '.' ? [] : [`cd ${/\s/.test(shown) ? `"${shown}"` : shown}`]),
    ...(answers.install ? [] : [`${packageManager} install`]),
    `${packageManager} run test`,
    `${packageManager} run dev`,
  ];
  stdout.write(`\nNext:\n${steps.map((step) => `  ${step}\n`).join('')}`);
  return 0;
}

function defaults({ folder = '.', name, install: installs = true }: NewArguments): Answers {
  return { folder, name: name ?? packageNameFor(basename(resolve(folder))), install: installs };
}

async function ask(args: NewArguments, packageManager: PackageManager): Promise<Answers | undefined> {
  const { askForProject } = await import('./questions.ts');
  return askForProject(args, packageManager);
}
