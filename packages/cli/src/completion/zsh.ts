import { paths } from './bash.ts';
import { quoted, type CompletedCommand, type CompletedOption } from './completed-command.ts';

export function zshScript(commands: readonly CompletedCommand[]): string {
  return `#compdef asphalt
# asphalt completion for zsh
_asphalt() {
  local command='' word
  for word in \${words[2,CURRENT-1]}; do
    case "$command $word" in
${paths(commands)}
    esac
  done
  local -a commands
  case "$command" in
${commands.map(commandCase).join('\n')}
  esac
}
compdef _asphalt asphalt
`;
}

function commandCase({ path, commands, options, choices }: CompletedCommand): string {
  const specs = options.map(optionSpec);
  if (commands.length > 0) {
    const entries = commands.map(({ name, description }) => quoted(`${name}:${description}`));
    return `    ${quoted(path)})
      commands=(${entries.join(' ')})
      [[ $PREFIX == -* ]] && _arguments ${specs.join(' ')} || _describe command commands ;;`;
  }
  // zsh also counts the words of the command path as arguments.
  const argument = choices.length > 0 ? `*:value:(${choices.join(' ')})` : '*:file:_files';
  return `    ${quoted(path)}) _arguments ${[...specs, quoted(argument)].join(' ')} ;;`;
}

function optionSpec({ names, description, takesValue, choices }: CompletedOption): string {
  const text = description.replaceAll(/[[\]:\\]/g, '\\$&');
  const value = takesValue ? `:value:${choices.length > 0 ? `(${choices.join(' ')})` : '_files'}` : '';
  return names.map((name) => quoted(`*${name}[${text}]${value}`)).join(' ');
}
