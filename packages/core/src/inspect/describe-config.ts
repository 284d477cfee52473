/** Describes the configuration of a whole application as data: every option of every component, and the JSON Schema. */
import type { ComponentClass } from '../component/component-options.ts';
import { ConfigError, type ConfigProblem } from '../config/errors.ts';
import { describeOptions, type OptionDescription } from './describe-options.ts';
import type { JsonSchema } from './json-schema.ts';
import { applicationSettings, LoadedConfig, type UnusedKey } from '../config/loaded-config.ts';
import type { PlainObject } from '../config/merge.ts';
import { formatPath } from '../config/path.ts';
import type { AsphaltError } from '../errors/asphalt-error.ts';
import { applicationSchema, type ServiceTree } from './application-schema.ts';
import { buildTree } from '../graph/build-tree.ts';
import { ComponentNode } from '../graph/component-node.ts';

/** The options of one component. */
export interface ComponentConfigDescription {
  /** Aliases joined by dots; empty for the root. */
  readonly path: string;
  /** The path of its section in the configuration. */
  readonly section: string;
  readonly alias: string;
  /** Number of its ancestors. */
  readonly depth: number;
  /** The name of its class. */
  readonly type: string;
  readonly description: string | undefined;
  readonly options: readonly OptionDescription[];
  /** The type as the configuration specifies it: a text, or the name of a class. Undefined if only code does. */
  readonly said: string | undefined;
  readonly from: string | undefined;
}

/** A component that `enabled: false` removes. */
export interface DisabledDescription {
  readonly path: string;
  /** The origin of `enabled: false`. */
  readonly from: string | undefined;
}

/** The configuration of an application. Contains no sensitive values. */
export interface ConfigDescription {
  readonly service: string | undefined;
  /** The names of all services. */
  readonly services: readonly string[];
  /** The settings of the top level. */
  readonly settings: readonly OptionDescription[];
  /** Parents before their children, in the order of declaration. */
  readonly components: readonly ComponentConfigDescription[];
  readonly disabled: readonly DisabledDescription[];
  /** Keys of the configuration that no service reads. */
  readonly unused: readonly UnusedKey[];
  /** Deprecated options that the configuration sets, and references such as `${PORT}` that are taken literally. */
  readonly warnings: readonly ConfigProblem[];
  /** Problems of the configuration; everything else is described as far as possible. */
  readonly problems: readonly AsphaltError[];
  /** A JSON Schema for the files of this application. Other services may have any components in it. */
  readonly jsonSchema: JsonSchema;
}

/**
 * Describes the configuration of an application without running it. Loads the modules that the configuration names,
 * because they declare the options.
 *
 * @param root - class of the root component; undefined if the configuration names it
 */
export async function describeConfig(
  root: ComponentClass | undefined,
  { config = {} }: { readonly config?: PlainObject | LoadedConfig } = {},
): Promise<ConfigDescription> {
  const loaded = config instanceof LoadedConfig ? config : LoadedConfig.fromObject(config);
  const { nodes, problems, disabled } = await buildTree(root, loaded);
  return {
    service: loaded.service,
    services: loaded.services,
    settings: describeOptions(applicationSettings, loaded.at([]), { ...loaded.settings }),
    components: nodes.map(describeNode),
    disabled: disabled.map(({ path, from }) => ({ path, from })),
    unused: loaded.unused,
    warnings: loaded.warnings,
    problems: [...loaded.problems.map((problem) => new ConfigError([problem])), ...problems],
    jsonSchema: applicationSchema([{ service: loaded.service, nodes }]),
  };
}

/** A JSON Schema for files with several services. */
export interface ServicesSchema {
  readonly jsonSchema: JsonSchema;
  /** Problems of all services; everything else is described as far as possible. */
  readonly problems: readonly AsphaltError[];
}

/**
 * Returns a JSON Schema for the files that define these services. Loads the modules that the configuration names.
 *
 * @param configs - the configuration of each service
 */
export async function describeServices(configs: readonly LoadedConfig[]): Promise<ServicesSchema> {
  const trees: ServiceTree[] = [];
  const problems: AsphaltError[] = [];
  for (const config of configs) {
    const tree = await buildTree(undefined, config);
    trees.push({ service: config.service, nodes: tree.nodes });
    problems.push(...config.problems.map((problem) => new ConfigError([problem])), ...tree.problems);
  }
  return { jsonSchema: applicationSchema(trees), problems };
}

function describeNode(node: ComponentNode): ComponentConfigDescription {
  const { config, description } = node.declarations.component?.options ?? {};
  const view = ComponentNode.viewOf(node);
  const [type] = view.statements(['type']);
  return {
    path: node.path,
    section: formatPath(view.path),
    alias: node.alias,
    depth: (view.path.length - 1) / 2,
    type: node.type.name,
    description,
    options: config ? describeOptions(config, view, ComponentNode.configOf(node)) : [],
    said: type && (type.origin.tag ?? (typeof type.value === 'function' ? type.value.name : String(type.value))),
    from: type?.origin.text,
  };
}
