/** Compares two configurations of one application, option by option. Must not show sensitive values. */
import { isDeepStrictEqual } from 'node:util';
import { optionLeaves, type OptionLeaf } from './describe-options.ts';
import { ConfigError } from '../config/errors.ts';
import { applicationSettings, type LoadedConfig } from '../config/loaded-config.ts';
import type { AsphaltError } from '../errors/asphalt-error.ts';
import { buildTree } from '../graph/build-tree.ts';
import { ComponentNode } from '../graph/component-node.ts';

/** An option or type that differs. */
export interface ConfigDifference {
  readonly path: string;
  /** The value and its origin in each configuration; undefined if not set. Sensitive options are masked in both. */
  readonly before: { readonly value: unknown; readonly from: string } | undefined;
  readonly after: { readonly value: unknown; readonly from: string } | undefined;
}

export interface ConfigDifferences {
  readonly differences: readonly ConfigDifference[];
  /** Problems of both configurations; everything else is compared as far as possible. */
  readonly problems: readonly AsphaltError[];
}

/** Compares the validated options of all components in either configuration, and the application settings. */
export async function diffConfig(before: LoadedConfig, after: LoadedConfig): Promise<ConfigDifferences> {
  const [old, current] = [await leavesOf(before), await leavesOf(after)];
  const paths = new Set([...old.leaves.keys(), ...current.leaves.keys()]);
  const differences: ConfigDifference[] = [];
  for (const path of paths) {
    const [one, other] = [old.leaves.get(path), current.leaves.get(path)];
    if (isDeepStrictEqual(one?.value, other?.value)) continue;
    // Defaults of a component that only one configuration has are not differences.
    if ((one ?? other)?.from === 'default' && !(one && other)) continue;
    differences.push({ path, before: shown(one), after: shown(other) });
  }
  return { differences, problems: [...old.problems, ...current.problems] };
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
