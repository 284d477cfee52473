/** `asphalt new`: creates a project that runs and whose tests pass. */
import { basename, relative, resolve } from 'node:path';
import type { Answers, NewArguments } from './answers.ts';
import { install } from './install.ts';
import { defaultKind, kinds } from './kinds.ts';
import { packageManagerOf, type PackageManager } from './package-managers.ts';
import { packageNameFor } from './package-name.ts';
import { copyTemplate, refuseOccupied } from './template.ts';
import type { Output } from '../terminal/output.ts';

export interface NewOptions extends NewArguments {
  /** Whether to prompt for missing options. */
  readonly interactive: boolean;
  /** The version of the packages that the project depends on. */
  readonly version: string;
  readonly stdout: Output;
}

/**
 * Creates a project, and installs its dependencies unless this is declined.
 *
 * @returns the exit code: 1 if the user cancelled a prompt
 * @throws {@link InstallError} when the installation fails
 */
export async function newProject({ interactive, version, stdout, ...args }: NewOptions): Promise<number> {
  const { packageManager = packageManagerOf(process.env['npm_config_user_agent']) } = args;
  const answers = interactive ? await ask(args, packageManager) : defaults(args);
  if (!answers) return 1;
  const folder = resolve(answers.folder);
  refuseOccupied(folder);
  const files = copyTemplate(folder, answers.kind, { name: answers.name, version, packageManager });
  const shown = relative(process.cwd(), folder) || '.';
  stdout.write(`Created ${answers.name} in ${shown}: ${files.join(', ')}\n`);
  if (answers.install) await install(packageManager, folder);
  const steps = [
    ...(shown === '.' ? [] : [`cd ${/\s/.test(shown) ? `"${shown}"` : shown}`]),
    ...(answers.install ? [] : [`${packageManager} install`]),
    ...kinds[answers.kind].firstScripts.map((script) => `${packageManager} run ${script}`),
  ];
  stdout.write(`\nNext:\n${steps.map((step) => `  ${step}\n`).join('')}`);
  return 0;
}

function defaults({ folder = '.', name, kind = defaultKind, install: installs = true }: NewArguments): Answers {
  return { folder, name: name ?? packageNameFor(basename(resolve(folder))), kind, install: installs };
}

async function ask(args: NewArguments, packageManager: PackageManager): Promise<Answers | undefined> {
  const { askForProject } = await import('./questions.ts');
  return askForProject(args, packageManager);
}
