/**
 * Lists the modules that an application loads because its configuration names them, so that a build can bundle them. Code
 * imports all others. Must not load any module itself.
 */
import { dirname } from 'node:path';
import type { BundledType } from '../config/bundled-modules.ts';
import type { LoadedConfig } from '../config/loaded-config.ts';
import { isPlainObject } from '../config/merge.ts';
import { formatPath } from '../config/path.ts';
import type { ConfigView } from '../config/view.ts';
import type { ComponentNode } from './component-node.ts';
import { ComponentTypes, typesKnownTo } from './component-types.ts';
import { isReference, moduleFileOf, moduleKeyOf, ReferenceFault } from './load-reference.ts';
import type { Plan } from './plan.ts';

/** The modules to bundle. */
export interface BundleReferences {
  /** The file of each module, by its absolute file or its name in a reference. */
  readonly files: ReadonlyMap<string, string>;
  readonly types: readonly BundledType[];
  /** The paths of configured components that are not in the plan, so that their options are unknown. */
  readonly unknown: readonly string[];
}

/** Finds the modules of all components in a configuration, including disabled ones. */
export async function bundleReferences(plan: Plan, config: LoadedConfig): Promise<BundleReferences> {
  const nodes = new Map(plan.components.map(({ node }) => [node.path, node]));
  const finder = new ReferenceFinder(nodes);
  await finder.add('', '', undefined, config.root);
  return finder;
}

class ReferenceFinder implements BundleReferences {
  readonly files = new Map<string, string>();
  readonly types: BundledType[] = [];
  readonly unknown: string[] = [];
  readonly #nodes: ReadonlyMap<string, ComponentNode>;
  readonly #installed = new ComponentTypes();

  constructor(nodes: ReadonlyMap<string, ComponentNode>) {
    this.#nodes = nodes;
  }

  async add(path: string, alias: string, parent: ComponentNode | undefined, view: ConfigView): Promise<void> {
    const type: unknown = view.section['type'] ?? alias;
    if (typeof type === 'string') await this.#addType(type, parent, view);
    const node = this.#nodes.get(path);
    if (!node) this.unknown.push(formatPath(view.path));
    const children = view.section['components'];
    if (!isPlainObject(children)) return;
    for (const child of Object.keys(children))
      await this.add(path === '' ? child : `${path}.${child}`, child, node, view.child(child));
  }

  async #addType(type: string, parent: ComponentNode | undefined, view: ConfigView): Promise<void> {
    if (isReference(type)) {
      const [origin] = view.origins(['type']);
      this.#addModule(type, origin?.file === undefined ? view.cwd : dirname(origin.file), view.cwd);
      return;
    }
    const word = type.startsWith('@') ? type : type.split('/')[0]!;
    if (typesKnownTo(parent).has(word)) return;
    const offer = await this.#installed.installedType(word, view);
    if (!offer || this.types.some((known) => known.type === word)) return;
    const { reference, packageName, folder } = offer;
    this.types.push({ type: word, reference, packageName });
    this.#addModule(reference, folder, folder);
  }

  #addModule(reference: string, folder: string, otherwise: string): void {
    const file = moduleFileOf(reference, folder, otherwise);
    // The plan reports a module that does not exist.
    if (!(file instanceof ReferenceFault)) this.files.set(moduleKeyOf(reference, folder), file);
  }
}
