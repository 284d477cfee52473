/** Renders the settings of a description as configuration files, variables and `--set` values. */
import { aliasesOf, rootIndex, type Description, type LayerName, type Setting } from './description.ts';
import { referenceTo } from './sources.ts';

/** The configuration of one run of an application. */
export interface Configuration {
  /** The content of `asphalt.yaml` and of the other files of the build. */
  readonly files: Readonly<Record<string, string>>;
  /** The names of the files that belong to the build. */
  readonly buildFiles: readonly string[];
  readonly buildSet: readonly string[];
  /** The names of the files that are given at startup. */
  readonly runFiles: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly set: readonly string[];
}

type Section = Record<string, unknown>;

/** Returns the configuration of a run. @param isChanged - whether it has the settings that change the shape */
export function configurationOf(description: Description, isChanged: boolean): Configuration {
  const settings = description.settings.filter((setting) => isChanged || !setting.isChange);
  const of = (layer: LayerName): Setting[] => settings.filter((setting) => setting.layer === layer);
  const sets = (layer: LayerName): string[] => of(layer).map((setting) => setText(description, setting));
  const second = sectionOf(description, of('second'));
  const runFile = sectionOf(description, of('runFile'));
  const files: Record<string, string> = {
    'asphalt.yaml': fileText(mainSection(description, of('file'))),
    ...(second && { 'second.yaml': fileText(second) }),
    ...(runFile && { 'run.yaml': fileText(runFile) }),
  };
  return {
    files,
    buildFiles: ['asphalt.yaml', ...(second ? ['second.yaml'] : [])],
    buildSet: sets('buildSet'),
    runFiles: runFile ? ['run.yaml'] : [],
    env: {
      // The variable of a tag; without it, the option has its default.
      ...(description.ending.code > 0 && { TAGGED: 'from a tag' }),
      ...Object.fromEntries(of('env').map((setting) => [variableOf(setting), String(setting.value)])),
      ...Object.fromEntries(sets('setVariable').map((text, index) => [`ASPHALT_SET_${index}`, text])),
    },
    set: sets('set'),
  };
}

/** Returns the root section with the components that only the configuration declares. */
function mainSection(description: Description, settings: readonly Setting[]): Section {
  const root: Section = { type: './app.ts:App' };
  for (const { index, names, declaredIn, layout } of description.types) {
    if (declaredIn !== 'config' && declaredIn !== 'types') continue;
    for (const name of names) {
      const section = sectionAt(root, aliasesOf(description, index, name));
      if (declaredIn === 'config') section['type'] = referenceTo(description, index, 'Part');
    }
    if (layout !== 'twin') continue;
    const above = aliasesOf(description, index, names[0]!).slice(0, -1);
    sectionAt(root, [...above, `twin${index}`])['type'] = referenceTo(description, index, 'Twin');
  }
  for (const setting of settings) apply(root, description, setting);
  return root;
}

function sectionOf(description: Description, settings: readonly Setting[]): Section | undefined {
  if (settings.length === 0) return undefined;
  const root: Section = {};
  for (const setting of settings) apply(root, description, setting);
  return root;
}

function apply(root: Section, description: Description, setting: Setting): void {
  sectionAt(root, pathOf(description, setting))[setting.option] = valueOf(description, setting);
}

function pathOf(description: Description, { type, name }: Setting): string[] {
  return type === rootIndex ? [] : aliasesOf(description, type, name);
}

function valueOf(description: Description, { option, type, value }: Setting): unknown {
  return option === 'type' ? referenceTo(description, type, 'Other') : value;
}

function sectionAt(root: Section, aliases: readonly string[]): Section {
  let section = root;
  for (const alias of aliases) {
    const components = (section['components'] ??= {}) as Record<string, Section>;
    section = components[alias] ??= {};
  }
  return section;
}

/** Returns YAML: JSON with tags. */
function fileText(component: Section): string {
  return `${JSON.stringify({ component }, null, 2).replaceAll(/"(!Env \w+)"/g, '$1')}\n`;
}

function setText(description: Description, setting: Setting): string {
  const keys = pathOf(description, setting).flatMap((alias) => ['components', alias]);
  const value = valueOf(description, setting);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `${['component', ...keys, setting.option].join('.')}=${text}`;
}

function variableOf({ option, type, name }: Setting): string {
  const subject = type === rootIndex ? 'root' : String(type);
  const suffix = name === 'default' || name === '' ? '' : `_${name.toUpperCase()}`;
  return `${option.toUpperCase()}_${subject}${suffix}`;
}

/**
 * Hides which `--set` a message names if the build has values of its own. They are below the variables, and those of
 * `asphalt run`, which an unbuilt application has instead, are above them.
 */
export function withoutSets<T>(shown: T, { buildSet }: Pick<Configuration, 'buildSet'>): T {
  if (buildSet.length === 0) return shown;
  const text = JSON.stringify(shown)
    .replaceAll(/environment variable ASPHALT_SET_\d+|--set\b/g, '<set>')
    .replaceAll(' (overrides <set>)', '')
    .replaceAll('overrides <set>, then ', 'overrides ');
  return JSON.parse(text) as T;
}
