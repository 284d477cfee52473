/** `asphalt config docs`: prints every option of every component of an application, as plain text or Markdown. */
import { describeConfig, type ConfigDescription, type OptionDescription } from '@asphalt/core/inspect';
import { loadApplicationConfig, type ApplicationArguments } from '../load/application-config.ts';
import { attempt, problemsOfTypes, type Terminal } from './attempt.ts';
import { valueText } from './value-text.ts';

export async function docs(
  args: ApplicationArguments & { readonly markdown: boolean },
  terminal: Terminal,
): Promise<number> {
  return await attempt(terminal, async () => {
    const description = await describeConfig(undefined, { config: await loadApplicationConfig(args) });
    terminal.write(args.markdown ? markdownDocs(description) : terminalDocs(description));
    return problemsOfTypes(description.problems);
  });
}

export interface Chapter {
  readonly section: string;
  readonly title: string;
  readonly description: string | undefined;
  readonly options: readonly DocumentedOption[];
}

/** An option and its inner options, without their values. */
export type DocumentedOption = Omit<OptionDescription, 'value' | 'sources' | 'path' | 'options'> & {
  readonly options: readonly DocumentedOption[];
};

function chapters({ settings, components }: ConfigDescription): Chapter[] {
  return [
    { section: 'top level', title: 'Settings of the application', description: undefined, options: settings },
    ...components.map(({ section, type, description, options }) => ({ section, title: type, description, options })),
  ];
}

function terminalDocs(description: ConfigDescription): string {
  return chapters(description).map(chapterText).join('\n');
}

/** Formats one component and its options as plain text. */
export function chapterText({ section, title, description, options }: Chapter): string {
  const rows = options.flatMap((option) => withInner(option, ''));
  const width = Math.max(0, ...rows.map(({ name }) => name.length)) + 2;
  const lines = rows.flatMap(({ name, option }) => [
    `  ${name.padEnd(width)}${facts(option).join(', ')}`,
    `  ${''.padEnd(width)}${option.doc}`,
  ]);
  const head = [`${section}  (${title})`, ...(description === undefined ? [] : [`  ${description}`])];
  return [...head, ...(lines.length === 0 ? ['  no options'] : lines)].map((line) => `${line}\n`).join('');
}

function markdownDocs(description: ConfigDescription): string {
  return chapters(description).map(markdownChapter).join('\n');
}

function markdownChapter({ section, title, description, options }: Chapter): string {
  const head = section === 'top level' ? `## ${title}` : `## \`${section}\` (${title})`;
  const rows = options.flatMap((option) => withInner(option, ''));
  const table = [
    '| option | type | default | variable | description |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map(({ name, option }) => markdownRow(name, option)),
  ];
  const parts = [head, ...(description === undefined ? [] : [cell(description)])];
  return `${[...parts, rows.length === 0 ? 'No options.' : table.join('\n')].join('\n\n')}\n`;
}

function markdownRow(name: string, option: DocumentedOption): string {
  const { doc, type, variable, sensitive, deprecated } = option;
  const standard = option.required ? 'required' : option.default === undefined ? '' : code(valueText(option.default));
  const notes = [
    doc,
    sensitive ? 'Sensitive' : undefined,
    deprecated === undefined ? undefined : `Deprecated: ${deprecated}`,
  ];
  const cells = [
    code(name),
    cell(type),
    standard,
    variable === undefined ? '' : code(variable),
    cell(notes.filter((note) => note !== undefined).join('. ')),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Escapes a table cell. Markdown ends a cell at every bar, even in code. */
function cell(value: string): string {
  return value.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ');
}

function code(value: string): string {
  return `\`${cell(value)}\``;
}

function facts({ type, required, default: standard, variable, sensitive, deprecated }: DocumentedOption): string[] {
  return [
    type,
    required ? 'required' : undefined,
    standard === undefined ? undefined : `default ${valueText(standard)}`,
    variable === undefined ? undefined : `variable ${variable}`,
    sensitive ? 'sensitive' : undefined,
    deprecated === undefined ? undefined : `deprecated: ${deprecated}`,
  ].filter((fact) => fact !== undefined);
}

interface Row {
  /** The path of the option in its component. */
  readonly name: string;
  readonly option: DocumentedOption;
}

/** Returns an option and its inner options: those of a section, of list items or of mapping values. */
function withInner(option: DocumentedOption, above: string): Row[] {
  const name = `${above}${option.name}`;
  const inside = option.type.startsWith('list of') ? '[]' : option.type.startsWith('mapping of') ? '.<name>' : '';
  return [{ name, option }, ...option.options.flatMap((inner) => withInner(inner, `${name}${inside}.`))];
}
