/** The configuration of a whole application: every option of every component, and the schema of its files. */
import type { ComponentClass } from '../component/component-class.ts';
import { ConfigError, type ConfigProblem } from '../config/errors.ts';
import { describeOptions, type OptionDescription } from '../config/describe-options.ts';
import type { JsonSchema } from '../config/json-schema.ts';
import { applicationSettings, LoadedConfig, type UnusedKey } from '../config/loaded-config.ts';
import type { PlainObject } from '../config/merge.ts';
import { formatPath } from '../config/path.ts';
import type { AsphaltError } from '../errors/asphalt-error.ts';
import { applicationSchema } from './application-schema.ts';
import { buildTree } from './build-tree.ts';
import { ComponentNode } from './component-node.ts';

/** The options of one component. */
export interface ComponentConfigDescription {
  /** Aliases joined by dots; empty for the root. */
  readonly path: string;
  /** Where its section stands in the configuration. */
  readonly section: string;
  readonly alias: string;
  /** How many components stand above it. */
  readonly depth: number;
  /** The name of its class. */
  readonly type: string;
  readonly description: string | undefined;
  readonly options: readonly OptionDescription[];
  /** What names the type, if that is the configuration: the text in it, or the name of a class. */
  readonly said: string | undefined;
  readonly from: string | undefined;
}

/** What there is to know about the configuration of an application. Holds no sensitive values. */
export interface ConfigDescription {
  readonly service: string | undefined;
  /** The settings of the top level. */
  readonly settings: readonly OptionDescription[];
  /** Parents before their children, in the order of declaration. */
  readonly components: readonly ComponentConfigDescription[];
  /** What the configuration says and nobody reads. */
  readonly unused: readonly UnusedKey[];
  /** Deprecated options that are given. */
  readonly warnings: readonly ConfigProblem[];
  /** What is wrong; the rest is described nevertheless. */
  readonly problems: readonly AsphaltError[];
  /** A JSON Schema for the files of this application. */
  readonly jsonSchema: JsonSchema;
}

/**
 * Describes the configuration of an application without running any of it. Modules that the configuration names are
 * loaded, since they declare the options.
 *
 * @param root - the root component; undefined where the configuration names it
 */
export async function describeConfig(
  root: ComponentClass | undefined,
  { config = {} }: { readonly config?: PlainObject | LoadedConfig } = {},
): Promise<ConfigDescription> {
  const loaded = config instanceof LoadedConfig ? config : LoadedConfig.fromObject(config);
  const { nodes, problems } = await buildTree(root, loaded);
  return {
    service: loaded.service,
    settings: describeOptions(applicationSettings, loaded.at([]), { ...loaded.settings }),
    components: nodes.map(describeNode),
    unused: loaded.unused,
    warnings: loaded.warnings,
    problems: [...loaded.problems.map((problem) => new ConfigError([problem])), ...problems],
    jsonSchema: applicationSchema(nodes),
  };
}

function describeNode(node: ComponentNode): ComponentConfigDescription {
  const { config, description } = node.declarations.component?.options ?? {};
  const view = ComponentNode.viewOf(node);
  const [said] = view.statements(['type']);
  return {
    path: node.path,
    section: formatPath(view.path),
    alias: node.alias,
    depth: (view.path.length - 1) / 2,
    type: node.type.name,
    description,
    options: config ? describeOptions(config, view, ComponentNode.configOf(node)) : [],
    said: said && (said.origin.tag ?? (typeof said.value === 'function' ? said.value.name : String(said.value))),
    from: said?.origin.text,
  };
}
