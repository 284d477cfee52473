/**
 * Builds the component tree from classes and configuration: adds every child, validates its options and collects all
 * problems. Must not run application code except `components` functions and the modules that the configuration names.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Children, type ComponentClass, ChildDeclaration } from '../component/component-options.ts';
import { declarationsOf } from '../component/declarations.ts';
import { placeText } from '../component/place.ts';
import { defineConfig } from '../config/define.ts';
import { describeValue } from '../config/describe.ts';
import { ConfigError, type Validated } from '../config/errors.ts';
import { placeInFile } from '../config/layers.ts';
import type { LoadedConfig } from '../config/loaded-config.ts';
import { isPlainObject } from '../config/merge.ts';
import type { validateOptions } from '../config/validate.ts';
import { validateUnset } from '../config/validate-unset.ts';
import type { ConfigView } from '../config/view.ts';
import { formatPath } from '../config/path.ts';
import { isName } from '../context/key.ts';
import { AsphaltError, describeThrown } from '../errors/asphalt-error.ts';
import { nearMisses } from '../errors/near-misses.ts';
import { ComponentNode, componentText } from './component-node.ts';
import { ComponentTypes, type WantedComponent } from './component-types.ts';
import { enabling, resourceNameOf, type DisabledComponent } from './disabled-components.ts';
import { ComponentTypeError } from './errors.ts';

export interface Tree {
  /** Parents before their children, in the order of declaration. */
  readonly nodes: readonly ComponentNode[];
  readonly problems: readonly AsphaltError[];
  /** The path of the component whose options have a problem, by problem. */
  readonly owners: ReadonlyMap<AsphaltError, string>;
  readonly disabled: readonly DisabledComponent[];
}

const noOptions = defineConfig({});

/**
 * Builds the component tree.
 *
 * @param root - class of the root component; undefined if the configuration names it as `component.type`
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
  readonly owners = new Map<AsphaltError, string>();
  readonly disabled: DisabledComponent[] = [];
  readonly #types = new ComponentTypes();
  /** Components declared in code whose class the configuration does not replace. */
  readonly #inCode = new Set<ComponentNode>();
  /** Whether a class has more than one component. Only such a class can contain itself. */
  readonly #repeated = new Map<ComponentClass, boolean>();
  /** Loaded, with convict, for the first component whose options need it. */
  #validate: typeof validateOptions | undefined;

  async build(root: WantedComponent): Promise<void> {
    // A stack whose top is the next component: the descendants of a child precede its later siblings.
    const stack = [root];
    for (let wanted = stack.pop(); wanted; wanted = stack.pop()) {
      if (wanted.view.section['enabled'] !== undefined && !(await this.#isEnabled(wanted))) continue;
      const found = this.#types.classOf(wanted);
      const type = found instanceof Promise ? await found : found;
      if (type instanceof ComponentTypeError) {
        this.problems.push(type);
        continue;
      }
      const schema = declarationsOf(type).component?.options.config ?? noOptions;
      let validated = validateUnset(schema, wanted.view);
      validated ??= (await this.#validation())(schema, wanted.view);
      const node = this.#add(wanted, type, validated);
      if (node) stack.push(...this.#childrenOf(node, wanted.view).reverse());
    }
  }

  async #validation(): Promise<typeof validateOptions> {
    return (this.#validate ??= (await import('../config/validate.ts')).validateOptions);
  }

  /** Reads `enabled` of a section that sets it, and records a disabled component. */
  async #isEnabled(wanted: WantedComponent): Promise<boolean> {
    const { path, alias, parent, view } = wanted;
    const validate = await this.#validation();
    const others = Object.keys(view.section).filter((key) => key !== 'enabled');
    const { value, problems } = validate(enabling, view, others);
    const key = formatPath([...view.path, 'enabled']);
    // The validation of the component itself reports the other problems of the section.
    this.problems.push(...problems.filter((each) => each.path === key).map((each) => new ConfigError([each])));
    const from = view.origins(['enabled'])[0]?.text;
    if (!parent) {
      const help = 'remove it; only children can be disabled';
      this.problems.push(new ConfigError([{ path: key, message: 'does not apply to the root component', from, help }]));
      return true;
    }
    if (value.enabled !== false) return true;
    const type = ComponentTypes.knownClassOf(wanted);
    if (type === undefined && others.length === 0) await this.#checkDisabled(wanted, parent);
    this.disabled.push({ path, alias, parent: parent.path, resourceName: resourceNameOf(alias), type, from });
    return false;
  }

  /** Reports a section that only disables, if neither code nor a type explains its alias. */
  async #checkDisabled(wanted: WantedComponent, parent: ComponentNode): Promise<void> {
    const { alias, view, inCode } = wanted;
    const { components = {} } = parent.declarations.component?.options ?? {};
    // A function may return the component if the options have other values.
    if (inCode || typeof components === 'function') return;
    const types = await this.#types.namesFor(wanted);
    if (types.includes(alias.split('/')[0]!)) return;
    const siblings = [...Object.keys(components), ...ComponentNode.viewOf(parent).childAliases];
    const near = nearMisses(alias, [...siblings, ...types]).map((each) => `\`${each}\``);
    const [origin] = view.origins(['enabled']);
    this.problems.push(
      new ConfigError([
        {
          path: formatPath([...view.path, 'enabled']),
          message: 'disables an unknown component',
          from: origin?.text,
          place: origin && placeInFile(origin),
          codeFrame: view.codeFrame(['enabled'], true),
          help:
            near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'remove it, or set the `type` of the component',
        },
      ]),
    );
  }

  #add(
    { path, alias, parent, view, inCode }: WantedComponent,
    type: ComponentClass,
    { value, problems }: Validated<object>,
  ): ComponentNode | undefined {
    const declarations = declarationsOf(type);
    for (const problem of problems) {
      const error = new ConfigError([problem]);
      this.problems.push(error);
      this.owners.set(error, path);
    }
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
    // A `components` function must receive valid options.
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
      const child = inCode ? declared[alias] : undefined;
      const type = child instanceof ChildDeclaration ? child.type : child;
      wanted.push({ path, alias, parent: node, view: this.#viewOf(child, view.child(alias), node), inCode, type });
    }
    return wanted;
  }

  #viewOf(child: Children[string] | undefined, view: ConfigView, parent: ComponentNode): ConfigView {
    if (!(child instanceof ChildDeclaration)) return view;
    // Reading a source map takes milliseconds, and only messages show the label.
    const label = (): string =>
      `set in code at ${placeText(ComponentNode.placeOf(parent, child.site)) ?? componentText(parent)}`;
    try {
      return view.withDefaults(ChildDeclaration.optionsOf(child), label);
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
      const help = 'remove it from its own `components`, or from those of its descendants';
      this.#report(node, `${node.type.name} contains itself${how}, so the component tree would be infinite`, help);
      return undefined;
    }
    if (!computed) return components;
    const what = `The \`components\` function of ${node.type.name}`;
    try {
      const children: unknown = components(ComponentNode.configOf(node));
      if (isPlainObject(children)) return children as Children;
      this.#report(
        node,
        `${what} returned ${describeValue(children)} instead of children by alias`,
        'return an object with the children by alias, synchronously',
      );
    } catch (error) {
      const summary = `${what} failed: ${describeThrown(error)}`;
      this.#report(node, summary, 'fix the function; it receives the validated options', error);
    }
    return undefined;
  }

  /**
   * Returns whether a component is below an equal one and code alone declares every component between them. Such a tree
   * never ends.
   */
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
        help: "use `type` or `type/name`, each made of letters, digits, '_' and '-'",
      }),
    );
    return false;
  }
}

/** Returns whether a text is an alias: `type` or `type/name`. */
function isAlias(text: string): boolean {
  const slash = text.indexOf('/');
  return slash < 0 ? isName(text) : isName(text.slice(0, slash)) && isName(text.slice(slash + 1));
}
