/**
 * Makes the tree of components from classes and configuration: adds every child, checks its options, and gathers
 * everything that is wrong. Runs no code of the application but `components` functions and the modules that the
 * configuration names.
 */
import { isDeepStrictEqual } from 'node:util';
import { ChildDeclaration } from '../component/child.ts';
import type { ComponentClass } from '../component/component-class.ts';
import type { Children } from '../component/component-options.ts';
import { declarationsOf } from '../component/declarations.ts';
import { placeOf, placeText } from '../component/place.ts';
import { defineConfig } from '../config/define.ts';
import { describeValue } from '../config/describe.ts';
import { ConfigError } from '../config/errors.ts';
import type { LoadedConfig } from '../config/loaded-config.ts';
import { isPlainObject } from '../config/merge.ts';
import { validateOptions } from '../config/validate.ts';
import type { ConfigView } from '../config/view.ts';
import { defaultName, isName } from '../context/key.ts';
import { AsphaltError, describeThrown } from '../errors/asphalt-error.ts';
import { ComponentNode, componentText } from './component-node.ts';
import { ComponentTypes, type WantedComponent } from './component-types.ts';
import { ComponentTypeError } from './problems.ts';

export interface Tree {
  /** Parents before their children, in the order of declaration. */
  readonly nodes: readonly ComponentNode[];
  readonly problems: readonly AsphaltError[];
}

const noOptions = defineConfig({});

/**
 * @param root - the root component's class; undefined where the configuration names it as `component.type`
 */
export async function buildTree(root: ComponentClass | undefined, config: LoadedConfig): Promise<Tree> {
  const builder = new TreeBuilder();
  await builder.build({
    path: '',
    alias: '',
    parent: undefined,
    view: config.root,
    inCode: root !== undefined,
    type: root,
  });
  return builder;
}

class TreeBuilder implements Tree {
  readonly nodes: ComponentNode[] = [];
  readonly problems: AsphaltError[] = [];
  readonly #types = new ComponentTypes();
  /** Those whose class, too, is said by code. */
  readonly #inCode = new Set<ComponentNode>();
  /** The classes of which there is more than one component: others stand in no component of their own class. */
  readonly #repeated = new Map<ComponentClass, boolean>();

  async build(root: WantedComponent): Promise<void> {
    // The next one is at the end, so that each child comes before its younger siblings.
    const stack = [root];
    for (let wanted = stack.pop(); wanted; wanted = stack.pop()) {
      const found = this.#types.classOf(wanted);
      const type = found instanceof Promise ? await found : found;
      if (type instanceof ComponentTypeError) {
        this.problems.push(type);
        continue;
      }
      const node = this.#add(wanted, type);
      if (node) stack.push(...this.#childrenOf(node, wanted.view).reverse());
    }
  }

  #add({ path, alias, parent, view, inCode }: WantedComponent, type: ComponentClass): ComponentNode | undefined {
    const declarations = declarationsOf(type);
    const schema = declarations.component?.options.config ?? noOptions;
    const { value, problems } = validateOptions(schema, view);
    this.problems.push(...problems.map((problem) => new ConfigError([problem])));
    const node = new ComponentNode({
      index: this.nodes.length,
      path,
      alias,
      resourceName: resourceNameOf(alias),
      type,
      declarations,
      config: value as Readonly<Record<string, unknown>>,
      view,
      parent,
    });
    this.nodes.push(node);
    this.#repeated.set(type, this.#repeated.has(type));
    parent?.children.push(node);
    if (inCode && (view.section['type'] ?? undefined) === undefined) this.#inCode.add(node);
    // Children that are computed from options can only be computed from good ones.
    return problems.length > 0 && typeof declarations.component?.options.components === 'function' ? undefined : node;
  }

  #childrenOf(node: ComponentNode, view: ConfigView): WantedComponent[] {
    const declared = this.#declaredChildren(node);
    if (!declared) return [];
    const aliases = new Set([...Object.keys(declared), ...view.childAliases]);
    const wanted: WantedComponent[] = [];
    for (const alias of aliases) {
      const path = node.path === '' ? alias : `${node.path}.${alias}`;
      if (!this.#checkAlias(alias, path, node, view)) continue;
      const inCode = Object.hasOwn(declared, alias);
      const said = inCode ? declared[alias] : undefined;
      const type = said instanceof ChildDeclaration ? said.type : said;
      wanted.push({ path, alias, parent: node, view: this.#viewOf(said, view.child(alias), node), inCode, type });
    }
    return wanted;
  }

  #viewOf(said: Children[string] | undefined, view: ConfigView, parent: ComponentNode): ConfigView {
    if (!(said instanceof ChildDeclaration)) return view;
    const label = `set in code at ${placeText(placeOf(said.site)) ?? componentText(parent)}`;
    try {
      return view.withDefaults(ChildDeclaration.optionsOf(said), label);
    } catch (error) {
      if (!AsphaltError.is(error)) throw error;
      this.problems.push(error);
      return view;
    }
  }

  #declaredChildren(node: ComponentNode): Children | undefined {
    const { components = {} } = node.declarations.component?.options ?? {};
    const computed = typeof components === 'function';
    if (this.#repeatsItself(node, computed)) {
      const how = computed ? ' with the same options' : '';
      const help = 'take it out of its own `components`, or of those of the components in it';
      this.#report(node, `${node.type.name} contains itself${how}, so its tree of components has no end`, help);
      return undefined;
    }
    if (!computed) return components;
    const what = `The \`components\` function of ${node.type.name}`;
    try {
      const children: unknown = components(ComponentNode.configOf(node));
      if (isPlainObject(children)) return children as Children;
      this.#report(
        node,
        `${what} gave ${describeValue(children)} and no map`,
        'return children by alias, synchronously',
      );
    } catch (error) {
      const summary = `${what} failed: ${describeThrown(error)}`;
      this.#report(node, summary, 'mend the function; it is given the checked options', error);
    }
    return undefined;
  }

  /** Whether a component stands below an equal one because code says so, all the way: then it does so for ever. */
  #repeatsItself(node: ComponentNode, computed: boolean): boolean {
    if (!this.#repeated.get(node.type)) return false;
    for (let at = node; at.parent && this.#inCode.has(at); at = at.parent) {
      if (at.parent.type !== node.type) continue;
      if (!computed || isDeepStrictEqual(ComponentNode.configOf(at.parent), ComponentNode.configOf(node))) return true;
    }
    return false;
  }

  #report({ path, declarations }: ComponentNode, summary: string, help: string, cause?: unknown): void {
    this.problems.push(new ComponentTypeError({ path, summary, site: declarations.component?.site, help, cause }));
  }

  #checkAlias(alias: string, path: string, node: ComponentNode, view: ConfigView): boolean {
    if (isAlias(alias)) return true;
    this.problems.push(
      new ComponentTypeError({
        path,
        summary: `"${alias}" cannot be the alias of a child of ${componentText(node)}`,
        origin: view.origins(['components', alias])[0],
        site: node.declarations.component?.site,
        help: "write `type` or `type/name`, each of letters, digits, '_' and '-'",
      }),
    );
    return false;
  }
}

/** Whether a text is a component type, perhaps with a resource name behind it: `type` or `type/name`. */
function isAlias(text: string): boolean {
  const slash = text.indexOf('/');
  return slash < 0 ? isName(text) : isName(text.slice(0, slash)) && isName(text.slice(slash + 1));
}

function resourceNameOf(alias: string): string {
  const slash = alias.indexOf('/');
  return slash < 0 ? defaultName : alias.slice(slash + 1);
}
