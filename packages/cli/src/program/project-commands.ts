/** The commands that concern a project on disk, whatever application is in it. */
import { statSync } from 'node:fs';
import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import type { CompletingShell } from '../completion/completion.ts';
import type { ComponentsFormat } from '../inspect/components.ts';
import { formatOption, withExamples } from './command-definitions.ts';
import type { DoctorFormat } from '../doctor/doctor.ts';
import type { NewArguments } from '../new/answers.ts';
import { packageManagers } from '../new/package-managers.ts';
import { isPackageName } from '../new/package-name.ts';
import { ownManifest } from '../terminal/package-files.ts';
import type { Shell } from '../terminal/shell.ts';

export function addProjectCommands(program: Command, shell: Shell): void {
  const { stdout } = shell;

  const create = program
    .command('new')
    .description('Make a project that runs and whose tests pass; on a terminal, ask what is not said.')
    .argument('[folder]', 'where to make it; new or empty')
    .option('--name <name>', 'the name of its package; that of the folder if not said', packageName)
    .addOption(
      new Option('--package-manager <name>', 'what installs its packages; what runs this command if not said').choices(
        packageManagers,
      ),
    )
    .option('--install', 'install its packages')
    .option('--no-install', 'leave its packages to be installed later')
    .option('-y, --yes', 'ask nothing')
    .action((folder: string | undefined, { yes, ...flags }: NewFlags) => {
      const asks = !yes && process.stdin.isTTY && stdout.isTerminal;
      if (folder === undefined && !asks) create.error('nowhere to make it: name a folder');
      return shell.perform(async () => {
        const { newProject } = await import('../new/new.ts');
        return newProject({ folder, ...flags }, asks, ownManifest().version, stdout);
      });
    });
  withExamples(create, '', 'shop', 'apps/shop --name @acme/shop --package-manager pnpm');

  const components = program
    .command('components')
    .description('List the component types that installed packages offer, with their options.')
    .argument('[folder]', 'the folder whose package.json, and those above it, name the packages', folder, '.')
    .addOption(formatOption('text', 'json'))
    .action((root: string, { format }: { format: ComponentsFormat }) =>
      shell.perform(async () => (await import('../inspect/components.ts')).components(root, format, stdout)),
    );
  withExamples(components, '', 'apps/shop --format json');

  const doctor = program
    .command('doctor')
    .description('Look for what keeps a project from compiling and running components, and tell the remedy.')
    .argument('[folder]', 'the folder of the project', folder, '.')
    .addOption(formatOption('text', 'json'))
    .action((root: string, { format }: { format: DoctorFormat }) =>
      shell.perform(async () => (await import('../doctor/doctor.ts')).doctor(root, format, stdout)),
    );
  withExamples(doctor, '', 'apps/shop --format json');

  const completion = program
    .command('completion')
    .description('Print a script that lets a shell complete what stands behind `asphalt`.')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
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
  throw new InvalidArgumentError('there is no such folder');
}

function packageName(name: string): string {
  if (isPackageName(name)) return name;
  throw new InvalidArgumentError('no package can have that name');
}
