import { quoted, type CompletedCommand } from './completed-command.ts';

export function bashScript(commands: readonly CompletedCommand[]): string {
  const values = commands.flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(({ names, choices }) => {
        const patterns = names.map((name) => quoted(`${path}:${name}`)).join('|');
        // Without choices, the value is free text or a file.
        return `    ${patterns}) ${choices.length > 0 ? `words=${quoted(choices.join(' '))}` : 'return'} ;;`;
      }),
  );
  const options = commands.map(
    ({ path, options: all }) =>
      `      ${quoted(path)}) words=${quoted(all.flatMap(({ names }) => names).join(' '))} ;;`,
  );
  const words = commands.flatMap(({ path, commands: below, choices }) => {
    const all = [...below.map(({ name }) => name), ...choices];
    return all.length > 0 ? [`      ${quoted(path)}) words=${quoted(all.join(' '))} ;;`] : [];
  });
  return `# asphalt completion for bash
_asphalt() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command='' words='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$command $word" in
${paths(commands)}
    esac
  done
  COMPREPLY=()
  case "$command:$prev" in
${values.join('\n')}
    *) if [[ $cur == -* ]]; then case "$command" in
${options.join('\n')}
    esac; else case "$command" in
${words.join('\n')}
    esac; fi ;;
  esac
  [[ -z $words ]] || COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o bashdefault -o default -F _asphalt asphalt
`;
}

/** Returns the `case` branches that lead from a command to its subcommands. */
export function paths(commands: readonly CompletedCommand[]): string {
  return commands
    .flatMap(({ path, commands: below }) => below.map(({ name }) => [path, name] as const))
    .map(([path, name]) => `      ${quoted(`${path} ${name}`)}) command=${quoted(`${path} ${name}`.trim())} ;;`)
    .join('\n');
}
