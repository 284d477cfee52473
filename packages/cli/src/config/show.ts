/** `asphalt config show`: prints the effective configuration as YAML, with origins as comments. */
import { masked, problemSentence } from '@asphalt/core/config';
import { describeConfig, type ConfigDescription, type OptionDescription } from '@asphalt/core/inspect';
import { loadApplicationConfig, type ApplicationArguments } from '../load/application-config.ts';
import { attempt, type Terminal } from './attempt.ts';
import { ConfigOptionError } from './option-error.ts';
import { valueText } from './value-text.ts';

export interface ShowArguments extends ApplicationArguments {
  /** Whether to show the origin of each value. */
  readonly origin: boolean;
  /** The path of the only option to show, with its values from all layers. */
  readonly key: string | undefined;
}

export async function show(args: ShowArguments, terminal: Terminal): Promise<number> {
  return await attempt(terminal, async () => {
    const description = await describeConfig(undefined, { config: await loadApplicationConfig(args) });
    terminal.write(args.key === undefined ? showAll(description, args.origin) : showOption(description, args.key));
    return description.problems;
  });
}

interface Line {
  readonly text: string;
  /** The origin of the value. */
  readonly from?: string | undefined;
}

/** Returns the effective configuration. */
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
  const settings = description.settings.filter(({ sources }) => sources.length > 0);
  lines.push(...settings.flatMap((option) => optionLines(option, '')));
  const { service, services } = description;
  const others = services.filter((name) => name !== service);
  const notes = [
    ...(others.length === 0 ? [] : [`service: ${service} (others: ${others.join(', ')})`]),
    ...description.disabled.map(({ path, from }) => `disabled: ${path}${from === undefined ? '' : ` (${from})`}`),
    ...description.unused.map(({ path, from }) => `unused: ${path}${from === undefined ? '' : ` (${from})`}`),
    ...description.warnings.map(problemSentence),
  ];
  return text([...draw(lines, withOrigins), ...notes.map((note) => `# ${note}`)]);
}

function optionLines(option: OptionDescription, margin: string): Line[] {
  const { name, type, value, options, sources } = option;
  const start = `${margin}${valueText(name)}:`;
  if (type === 'section' && value !== undefined && value !== masked) {
    return [{ text: start }, ...options.flatMap((inner) => optionLines(inner, `${margin}  `))];
  }
  return [{ text: `${start} ${valueText(value)}`, from: sources[0]?.from ?? 'not set' }];
}

function draw(lines: readonly Line[], withOrigins: boolean): string[] {
  if (!withOrigins) return lines.map((line) => line.text);
  // Limits the width, so that one long value does not move all comments out of view.
  const width = Math.min(48, Math.max(...lines.map((line) => (line.from === undefined ? 0 : line.text.length))));
  return lines.map((line) => (line.from === undefined ? line.text : `${line.text.padEnd(width)}  # ${line.from}`));
}

/**
 * Returns the values of one option from all layers, the effective one first.
 *
 * @throws {@link ConfigOptionError} when no option has this path
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
  if (option.sources.length === 0) return text([`${key} is not set`]);
  const rows = option.sources.map(({ from, value }) => ({ value: valueText(value), from }));
  const width = Math.max(...rows.map(({ value }) => value.length));
  return text([key, ...rows.map(({ value, from }) => `  ${value.padEnd(width)}  ${from}`)]);
}

function withInner(option: OptionDescription): OptionDescription[] {
  return [option, ...option.options.flatMap(withInner)];
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
