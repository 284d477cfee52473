import { quoted, type CompletedCommand, type CompletedOption } from './completed-command.ts';

export function fishScript(commands: readonly CompletedCommand[]): string {
  return `# asphalt completion for fish\n${commands.flatMap(commandLines).join('\n')}\n`;
}

function commandLines({ path, commands, options, choices }: CompletedCommand): string[] {
  const names = commands.map(({ name }) => name);
  const seen = path.split(' ').filter((word) => word !== '');
  const conditions = [
    ...seen.map((word) => `__fish_seen_subcommand_from ${word}`),
    ...(names.length > 0 ? [`not __fish_seen_subcommand_from ${names.join(' ')}`] : []),
  ];
  const start = `complete -c asphalt -n ${quoted(conditions.join('; and '))}`;
  return [
    ...commands.map(({ name, description }) => `${start} -f -a ${name} -d ${quoted(description)}`),
    ...(choices.length > 0 ? [`${start} -f -a ${quoted(choices.join(' '))}`] : []),
    ...options.map((option) => `${start} ${optionArguments(option)}`),
  ];
}

function optionArguments({ names, description, takesValue, choices }: CompletedOption): string {
  const named = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const value = !takesValue ? [] : choices.length > 0 ? [`-x -a ${quoted(choices.join(' '))}`] : ['-r'];
  return [...named, ...value, `-d ${quoted(description)}`].join(' ');
}
