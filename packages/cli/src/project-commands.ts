/** The commands that concern a project on disk, whatever application is in it. */
import type { Command } from 'commander';
import type { DoctorFormat } from './doctor.ts';
import { formatOption, withExamples, type Shell } from './shell.ts';

export function addProjectCommands(program: Command, shell: Shell): void {
  const { stdout } = shell;

  const doctor = program
    .command('doctor')
    .description('Look for what keeps a project from compiling and running components, and tell the remedy.')
    .argument('[folder]', 'the folder of the project', '.')
    .addOption(formatOption('text', 'json'))
    .action((folder: string, { format }: { format: DoctorFormat }) =>
      shell.perform(async () => (await import('./doctor.ts')).doctor(folder, format, stdout)),
    );
  withExamples(doctor, '', 'apps/shop --format json');
}
