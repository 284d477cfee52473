/** One component of the application as the graph describes it before the runtime creates an instance. */
import type { ComponentClass } from '../component/component-options.ts';
import type { Declarations } from '../component/declaration-types.ts';
import { placeOf, SourceMaps, type Place, type Site } from '../component/place.ts';
import type { ConfigView } from '../config/view.ts';

interface ComponentNodeFields extends Pick<
  ComponentNode,
  'index' | 'path' | 'alias' | 'resourceName' | 'type' | 'declarations' | 'parent' | 'neededBy'
> {
  readonly config: Readonly<Record<string, unknown>>;
  readonly view: ConfigView;
}

export class ComponentNode {
  /** Position in the order of declaration, parents before children. */
  readonly index: number;
  /** Aliases joined by dots; empty for the root. */
  readonly path: string;
  readonly alias: string;
  /** The default name of its resources. */
  readonly resourceName: string;
  readonly type: ComponentClass;
  /** @internal */
  readonly declarations: Declarations;
  readonly parent: ComponentNode | undefined;
  readonly children: ComponentNode[] = [];
  /** The component that first needed the injectable class of this node; undefined for components of the tree. */
  readonly neededBy?: ComponentNode | undefined;
  // Errors and lifecycle events refer to nodes, and reporters print errors with all properties and getters. Private
  // fields with static accessors keep the environment and sensitive options out of their reach.
  readonly #config: Readonly<Record<string, unknown>>;
  readonly #view: ConfigView;
  /** Shared by all nodes of a tree. */
  readonly #sourceMaps: SourceMaps;

  /** @internal */
  constructor(fields: ComponentNodeFields) {
    this.index = fields.index;
    this.path = fields.path;
    this.alias = fields.alias;
    this.resourceName = fields.resourceName;
    this.type = fields.type;
    this.declarations = fields.declarations;
    this.parent = fields.parent;
    this.neededBy = fields.neededBy;
    this.#config = fields.config;
    this.#view = fields.view;
    const next = fields.parent ?? fields.neededBy;
    this.#sourceMaps = next ? next.#sourceMaps : new SourceMaps();
  }

  /** Returns a copy without children, for another tree. @internal */
  static copyOf(
    node: ComponentNode,
    changes: Pick<ComponentNodeFields, 'index' | 'declarations' | 'parent'>,
  ): ComponentNode {
    const { path, alias, resourceName, type } = node;
    return new ComponentNode({ path, alias, resourceName, type, config: node.#config, view: node.#view, ...changes });
  }

  /** Returns the place of a declaration of this component. @internal */
  static placeOf(node: ComponentNode, site: Site | undefined): Place | undefined {
    return placeOf(site, node.#sourceMaps);
  }

  /** Returns the validated options. @internal */
  static configOf(node: ComponentNode): Readonly<Record<string, unknown>> {
    return node.#config;
  }

  /** Returns the configuration section of the options. @internal */
  static viewOf(node: ComponentNode): ConfigView {
    return node.#view;
  }
}

/** Returns the name of a component in messages: `component \`api.reports\` (ReportsComponent)`. */
export function componentText(node: ComponentNode): string {
  if (node.neededBy) return `the injectable class \`${node.type.name}\``;
  return node.path === '' ? `the root component (${node.type.name})` : `component \`${node.path}\` (${node.type.name})`;
}

/** Returns the name of a component's contexts and tasks: its path; for the root, its class. */
export function componentName({ path, type }: ComponentNode): string {
  return path === '' ? type.name : path;
}

/** Returns the path from the root to a component, with classes. For an injectable class it leads through `neededBy`. */
export function componentTrail(node: ComponentNode): string {
  const names: string[] = [];
  for (let at: ComponentNode | undefined = node; at; at = at.parent ?? at.neededBy) {
    names.push(at.parent ? `${at.alias} (${at.type.name})` : at.type.name);
  }
  return names.reverse().join(' › ');
}
