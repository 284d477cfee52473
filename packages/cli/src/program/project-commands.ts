/**
 * Defines the commands that work on a project on disk rather than on one application. Imports their modules only when a
 * command runs.
 */
import { statSync } from 'node:fs';
import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import type { CompletingShell } from '../completion/completion.ts';
import type { ComponentsFormat } from '../inspect/components.ts';
import { formatOption, withExamples } from './command-definitions.ts';
import type { DoctorFormat } from '../doctor/doctor.ts';
import type { NewArguments } from '../new/answers.ts';
import { defaultKind, projectKinds } from '../new/kinds.ts';
import { packageManagers } from '../new/package-managers.ts';
import { packageNameProblem, similarPackageName } from '../new/package-name.ts';
import { ownManifest } from '../terminal/package-files.ts';
import type { Shell } from '../terminal/shell.ts';

export function addProjectCommands(program: Command, shell: Shell): void {
  const { stdout } = shell;

  const create = program
    .command('new')
    .description('Create a new project. Prompts for missing options on a terminal.')
    .argument('[folder]', 'new or empty folder for the project')
    .option('--name <name>', 'package name (default: folder name)', packageName)
    .addOption(new Option('--kind <kind>', `kind of project (default: ${defaultKind})`).choices(projectKinds))
    .addOption(
      new Option('--package-manager <name>', 'package manager (default: the current one)').choices(packageManagers),
    )
    .option('--install', 'install dependencies')
    .option('--no-install', 'skip installation')
    .option('-y, --yes', 'accept all defaults')
    .action((folder: string | undefined, { yes, ...flags }: NewFlags) => {
      const interactive = !yes && process.stdin.isTTY && stdout.isTerminal;
      if (folder === undefined && !interactive) create.error('no project folder: name a new or empty folder');
      return shell.perform(async () => {
        const { newProject } = await import('../new/new.ts');
        return newProject({ folder, ...flags, interactive, version: ownManifest().version, stdout });
      });
    });
  withExamples(create, '', 'shop', 'mailer --kind worker', 'apps/shop --name @acme/shop --package-manager pnpm');

  const components = program
    .command('components')
    .description('List the component types of installed packages, with their options.')
    .argument(
      '[folder]',
      'project folder; its package.json and those of its parent folders list the packages',
      folder,
      '.',
    )
    .addOption(formatOption('text', 'json'))
    .action((root: string, { format }: { format: ComponentsFormat }) =>
      shell.perform(async () => (await import('../inspect/components.ts')).components(root, format, stdout)),
    );
  withExamples(components, '', 'apps/shop --format json');

  const doctor = program
    .command('doctor')
    .description('Diagnose problems in the project setup.')
    .argument('[folder]', 'project folder', folder, '.')
    .addOption(formatOption('text', 'json'))
    .action((root: string, { format }: { format: DoctorFormat }) =>
      shell.perform(async () => (await import('../doctor/doctor.ts')).doctor(root, format, stdout)),
    );
  withExamples(doctor, '', 'apps/shop --format json');

  const completion = program
    .command('completion')
    .description('Print a completion script for a shell.')
    .addArgument(new Argument('<shell>', 'target shell').choices(['bash', 'zsh', 'fish']))
    .action((name: CompletingShell) =>
      shell.perform(async () => {
        const { completionScript } = await import('../completion/completion.ts');
        stdout.write(completionScript(program, name));
        return 0;
      }),
    );
  withExamples(
    completion,
    'bash >> ~/.bashrc',
    'zsh > "${fpath[1]}/_asphalt"',
    'fish > ~/.config/fish/completions/asphalt.fish',
  );
}

interface NewFlags extends Omit<NewArguments, 'folder'> {
  readonly yes?: boolean;
}

function folder(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  throw new InvalidArgumentError('No such folder.');
}

function packageName(name: string): string {
  const problem = packageNameProblem(name);
  if (problem === undefined) return name;
  throw new InvalidArgumentError(`${problem}. Try ${similarPackageName(name)}.`);
}
