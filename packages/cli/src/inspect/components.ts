/** `asphalt components`: lists the component types that installed packages offer to configurations. */
import { resolve } from 'node:path';
import { LoadedConfig } from '@asphalt/core/config';
import {
  describeConfig,
  installedComponents,
  type InstalledComponent,
  type OptionDescription,
} from '@asphalt/core/inspect';
import { chapterText, type DocumentedOption } from '../config/docs.ts';
import { problemsOfTypes } from '../config/attempt.ts';
import { prepareLinkedPackage } from '../load/linked-package.ts';
import type { Output } from '../terminal/output.ts';
import type { Paint } from '../terminal/paint.ts';
import { printable } from '../terminal/printable.ts';

export type ComponentsFormat = 'text' | 'json';

interface Offer extends InstalledComponent {
  /** The name of the class and its description; undefined if the class cannot be loaded. */
  readonly component: { readonly type: string; readonly description: string | undefined } | undefined;
  readonly options: readonly DocumentedOption[];
  /** The reason why the class cannot be loaded. */
  readonly problem: string | undefined;
}

/** Prints the offered types. @returns the exit code: 1 if a type cannot be loaded */
export async function components(folder: string, format: ComponentsFormat, stdout: Output): Promise<number> {
  const installed = await installedComponents(resolve(folder));
  const offers: Offer[] = [];
  for (const component of installed) {
    await prepareLinkedPackage(component.packageName, component.folder);
    offers.push(await describe(component));
  }
  stdout.write(format === 'json' ? `${JSON.stringify(offers, undefined, 2)}\n` : text(offers, stdout.paint));
  return offers.some(({ problem }) => problem !== undefined) ? 1 : 0;
}

/** Loads the class like a configuration that names the type and sets no options. */
async function describe(installed: InstalledComponent): Promise<Offer> {
  const config = LoadedConfig.fromObject({ type: installed.reference }, { cwd: installed.folder, env: {} });
  const {
    components: [component],
    problems,
  } = await describeConfig(undefined, { config });
  const [problem] = problemsOfTypes(problems);
  return {
    ...installed,
    component: component && { type: component.type, description: component.description },
    options: (component?.options ?? []).map(offered),
    problem: component ? undefined : problem?.summary,
  };
}

/** Excludes the facts that depend on an application, such as values. */
function offered(option: OptionDescription): DocumentedOption {
  const { name, doc, type, required, sensitive, deprecated, variable } = option;
  const facts = { name, doc, type, required, sensitive, deprecated, variable, default: option.default };
  return { ...facts, options: option.options.map(offered) };
}

function text(offers: readonly Offer[], paint: Paint): string {
  if (offers.length === 0) return 'No installed package offers component types\n';
  return offers.map((offer) => offerText(offer, paint)).join('\n');
}

function offerText({ type, component, packageName, version, options, problem }: Offer, paint: Paint): string {
  const from = [packageName, version].filter((part) => part !== undefined).join(' ');
  if (!component) return `${type}  (${from})\n  ${paint('red', printable(problem ?? 'cannot be loaded'))}\n`;
  return chapterText({
    section: type,
    title: `${component.type}, ${from}`,
    description: component.description,
    options,
  });
}
