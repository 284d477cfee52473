/** `asphalt config show`: the configuration as it holds, as YAML, with where it comes from as comments. */
import { describeConfig, masked, problemSentence, type ConfigDescription, type OptionDescription } from '@asphalt/core';
import { attempt, load, type ConfigArguments, type Terminal } from './load.ts';
import { ConfigOptionError } from './option-error.ts';
import { valueText } from './value-text.ts';

export interface ShowArguments extends ConfigArguments {
  /** Tells where values come from. */
  readonly origin: boolean;
  /** Asks for everything that was said about one option. */
  readonly key: string | undefined;
}

export async function show(args: ShowArguments, terminal: Terminal): Promise<number> {
  return await attempt(terminal, async () => {
    const description = await describeConfig(undefined, { config: await load(args) });
    terminal.write(args.key === undefined ? showAll(description, args.origin) : showOption(description, args.key));
    return description.problems;
  });
}

interface Line {
  readonly text: string;
  /** Where it comes from. */
  readonly from?: string | undefined;
}

/** Everything that holds. */
function showAll(description: ConfigDescription, withOrigins: boolean): string {
  const lines: Line[] = [];
  let above = -1;
  for (const { alias, depth, type, said, from, options } of description.components) {
    const margin = ' '.repeat(4 * depth);
    if (depth > 0 && depth > above) lines.push({ text: `${margin.slice(2)}components:` });
    above = depth;
    lines.push({ text: `${margin}${depth === 0 ? 'component' : valueText(alias)}:` });
    lines.push({ text: `${margin}  type: ${valueText(said ?? type)}`, from: from ?? 'set in code' });
    lines.push(...options.flatMap((option) => optionLines(option, `${margin}  `)));
  }
  const settings = description.settings.filter(({ said }) => said.length > 0);
  lines.push(...settings.flatMap((option) => optionLines(option, '')));
  const notes = [
    ...description.unused.map(({ path, from }) => `unused: ${path}${from === undefined ? '' : ` (${from})`}`),
    ...description.warnings.map(problemSentence),
  ];
  return text([...draw(lines, withOrigins), ...notes.map((note) => `# ${note}`)]);
}

function optionLines(option: OptionDescription, margin: string): Line[] {
  const { name, type, value, options, said } = option;
  const start = `${margin}${valueText(name)}:`;
  if (type === 'section' && value !== undefined && value !== masked) {
    return [{ text: start }, ...options.flatMap((inner) => optionLines(inner, `${margin}  `))];
  }
  return [{ text: `${start} ${valueText(value)}`, from: said[0]?.from ?? 'not set' }];
}

function draw(lines: readonly Line[], withOrigins: boolean): string[] {
  if (!withOrigins) return lines.map((line) => line.text);
  // One long value should not push all comments out of sight.
  const width = Math.min(48, Math.max(...lines.map((line) => (line.from === undefined ? 0 : line.text.length))));
  return lines.map((line) => (line.from === undefined ? line.text : `${line.text.padEnd(width)}  # ${line.from}`));
}

/**
 * What each layer says about one option, first the one that holds.
 *
 * @throws {@link ConfigOptionError} when there is none of that path
 */
function showOption({ components, settings }: ConfigDescription, key: string): string {
  const all = [...settings, ...components.flatMap(({ options }) => options)].flatMap(withInner);
  const option = all.find(({ path }) => path === key);
  if (!option) {
    throw new ConfigOptionError(
      key,
      all.map(({ path }) => path),
    );
  }
  if (option.said.length === 0) return text([`${key} is not set`]);
  const rows = option.said.map(({ from, value }) => ({ value: valueText(value), from }));
  const width = Math.max(...rows.map(({ value }) => value.length));
  return text([key, ...rows.map(({ value, from }) => `  ${value.padEnd(width)}  ${from}`)]);
}

function withInner(option: OptionDescription): OptionDescription[] {
  return [option, ...option.options.flatMap(withInner)];
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
