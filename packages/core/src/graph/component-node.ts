/** One component instance of the application, as the graph knows it before anything is made. */
import type { ComponentClass } from '../component/component-class.ts';
import type { Declarations } from '../component/declarations.ts';
import type { ConfigView } from '../config/view.ts';

export interface ComponentNode {
  /** Position in the order of declaration, parents before children. */
  readonly index: number;
  /** Aliases joined by dots; empty for the root. */
  readonly path: string;
  readonly alias: string;
  /** The name under which its resources are published where they are given none. */
  readonly resourceName: string;
  readonly type: ComponentClass;
  readonly declarations: Declarations;
  /** The checked options. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The section of the configuration that the options come from. */
  readonly view: ConfigView;
  readonly parent: ComponentNode | undefined;
  readonly children: ComponentNode[];
  /** Who first needed the injectable class that this node makes; absent for the components of the tree. */
  readonly neededBy?: ComponentNode;
}

/** How messages call a component: `component \`api.reports\` (ReportsComponent)`. */
export function componentText(node: ComponentNode): string {
  if (node.neededBy) return `the injectable class \`${node.type.name}\``;
  return node.path === '' ? `the root component (${node.type.name})` : `component \`${node.path}\` (${node.type.name})`;
}

/** The way from the root to a component, with classes; to an injectable class through who first needed it. */
export function componentTrail(node: ComponentNode): string {
  const names: string[] = [];
  for (let at: ComponentNode | undefined = node; at; at = at.parent ?? at.neededBy) {
    names.push(at.parent ? `${at.alias} (${at.type.name})` : at.type.name);
  }
  return names.reverse().join(' › ');
}
