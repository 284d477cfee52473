/**
 * Components that the configuration disables with `enabled: false`. They are not in the tree, and no module is loaded for
 * them: only classes that code declares are known.
 */
import { type ComponentClass, ChildDeclaration } from '../component/component-options.ts';
import type { ProviderDeclaration } from '../component/declaration-types.ts';
import { declarationsOf } from '../component/declarations.ts';
import { defineConfig } from '../config/define.ts';

/** A component that does not exist, nor do its descendants, because its section sets `enabled: false`. */
export interface DisabledComponent {
  readonly path: string;
  readonly alias: string;
  /** The path of the parent. */
  readonly parent: string;
  /** The name under which it would provide its resources. */
  readonly resourceName: string;
  /** Its class, if it is known without loading a module. */
  readonly type: ComponentClass | undefined;
  /** The origin of `enabled: false`. */
  readonly from: string | undefined;
}

export const enabling = defineConfig({
  enabled: { doc: 'Whether the component and its children exist', format: 'boolean', default: true },
});

/** Returns the disabled components that would provide something, themselves or through children that code declares. */
export function disabledProviders(
  disabled: readonly DisabledComponent[],
  provides: (declaration: ProviderDeclaration, resourceName: string) => boolean,
): DisabledComponent[] {
  const visited = new Set<ComponentClass>();
  const hasProvider = (type: ComponentClass | undefined, resourceName: string): boolean => {
    if (!type || visited.has(type)) return false;
    visited.add(type);
    const { providers, component } = declarationsOf(type);
    if (providers.some((declaration) => provides(declaration, resourceName))) return true;
    const { components = {} } = component?.options ?? {};
    if (typeof components === 'function') return false;
    return Object.entries(components).some(([alias, child]) =>
      hasProvider(child instanceof ChildDeclaration ? child.type : child, resourceNameOf(alias)),
    );
  };
  return disabled.filter(({ type, resourceName }) => {
    visited.clear();
    return hasProvider(type, resourceName);
  });
}

/** Returns the name of the resources of a component: the part of its alias after the slash, or `default`. */
export function resourceNameOf(alias: string): string {
  const slash = alias.indexOf('/');
  return slash < 0 ? 'default' : alias.slice(slash + 1);
}
