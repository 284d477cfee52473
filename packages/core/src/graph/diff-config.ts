/** What differs between two configurations of one application, option by option. Shows no sensitive values. */
import { isDeepStrictEqual } from 'node:util';
import { optionLeaves, type OptionLeaf } from '../config/describe-options.ts';
import { ConfigError } from '../config/errors.ts';
import { applicationSettings, type LoadedConfig } from '../config/loaded-config.ts';
import type { AsphaltError } from '../errors/asphalt-error.ts';
import { buildTree } from './build-tree.ts';
import { ComponentNode } from './component-node.ts';

/** An option or type that is not the same in both. */
export interface ConfigDifference {
  readonly path: string;
  /** What each says, and where; undefined where it is not set. Both are masked alike if the option is sensitive. */
  readonly before: { readonly value: unknown; readonly from: string } | undefined;
  readonly after: { readonly value: unknown; readonly from: string } | undefined;
}

export interface ConfigDifferences {
  readonly differences: readonly ConfigDifference[];
  /** What is wrong with either; the rest is compared nevertheless. */
  readonly problems: readonly AsphaltError[];
}

/** Compares the checked options of all components that either configuration has, and the settings of the top level. */
export async function diffConfig(before: LoadedConfig, after: LoadedConfig): Promise<ConfigDifferences> {
  const [old, young] = [await leavesOf(before), await leavesOf(after)];
  const paths = new Set([...old.leaves.keys(), ...young.leaves.keys()]);
  const differences: ConfigDifference[] = [];
  for (const path of paths) {
    const [one, other] = [old.leaves.get(path), young.leaves.get(path)];
    if (isDeepStrictEqual(one?.value, other?.value)) continue;
    // Of a component that only one of them has, what nobody said is no news.
    if ((one ?? other)?.from === 'default' && !(one && other)) continue;
    differences.push({ path, before: shown(one), after: shown(other) });
  }
  return { differences, problems: [...old.problems, ...young.problems] };
}

function shown(leaf: OptionLeaf | undefined): ConfigDifference['before'] {
  return leaf && leaf.value !== undefined ? { value: leaf.shown, from: leaf.from ?? 'default' } : undefined;
}

async function leavesOf(
  config: LoadedConfig,
): Promise<{ readonly leaves: Map<string, OptionLeaf>; readonly problems: readonly AsphaltError[] }> {
  const { nodes, problems } = await buildTree(undefined, config);
  const settings = optionLeaves(applicationSettings, config.at([]), { ...config.settings });
  const leaves = [...settings, ...nodes.flatMap(nodeLeaves)];
  return {
    leaves: new Map(leaves.map((leaf) => [leaf.path, leaf])),
    problems: [...config.problems.map((problem) => new ConfigError([problem])), ...problems],
  };
}

function nodeLeaves(node: ComponentNode): OptionLeaf[] {
  const { config } = node.declarations.component?.options ?? {};
  const view = ComponentNode.viewOf(node);
  const [from] = view.origins(['type']);
  const path = [...view.path, 'type'].join('.');
  const type = { path, value: node.type.name, shown: node.type.name, from: from?.text ?? 'set in code' };
  return [type, ...(config ? optionLeaves(config, view, ComponentNode.configOf(node)) : [])];
}
