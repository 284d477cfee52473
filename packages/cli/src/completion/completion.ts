/**
 * `asphalt completion`: a script that teaches a shell the commands, options and choices. It holds all of them, so that
 * a Tab starts no process; where a file may stand, the shell completes files.
 */
import type { Command } from 'commander';
import { bashScript } from './bash.ts';
import { fishScript } from './fish.ts';
import type { CompletedCommand } from './completed-command.ts';
import { zshScript } from './zsh.ts';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

export type CompletingShell = keyof typeof scripts;

export function completionScript(program: Command, shell: CompletingShell): string {
  return scripts[shell](commandsOf(program, ''));
}

/** A command and all below it; the program itself is the first, with an empty path. */
function commandsOf(command: Command, path: string): CompletedCommand[] {
  const help = command.createHelp();
  const below = help.visibleCommands(command);
  const own: CompletedCommand = {
    path,
    commands: below.map((child) => ({ name: child.name(), description: child.description() })),
    options: help.visibleOptions(command).map(({ short, long, description, required, argChoices = [] }) => ({
      names: [short, long].filter((name) => name !== undefined),
      description,
      takesValue: required,
      choices: argChoices,
    })),
    choices: command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
  };
  return [own, ...below.flatMap((child) => commandsOf(child, `${path} ${child.name()}`.trim()))];
}
