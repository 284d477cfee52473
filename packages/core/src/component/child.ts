/** A child component with options that its parent sets in code. */
import type { ConfigInput } from '../config/define.ts';
import type { ConfigSchema } from '../config/schema.ts';
import type { ComponentClass } from './component-class.ts';
import { captureSite, type Site } from './place.ts';

export class ChildDeclaration {
  /** Private because the options may be sensitive and errors refer to the declaration. */
  readonly #options: Readonly<Record<string, unknown>>;

  constructor(
    readonly type: ComponentClass,
    options: Readonly<Record<string, unknown>>,
    readonly site: Site,
  ) {
    this.#options = options;
  }

  static optionsOf(declaration: ChildDeclaration): Readonly<Record<string, unknown>> {
    return declaration.#options;
  }
}

/** The options of a component class, all optional, in the form that code may use. */
export type OptionsFor<C extends ComponentClass> =
  InstanceType<C> extends { readonly '~schema'?: infer S extends ConfigSchema }
    ? ConfigInput<S>
    : Readonly<Record<string, unknown>>;

/**
 * Declares a child for `@component({ components })` with options set in code. The configuration may override each of
 * them.
 */
export function child<C extends ComponentClass>(type: C, options: OptionsFor<C>): ChildDeclaration {
  return new ChildDeclaration(type, options as Readonly<Record<string, unknown>>, captureSite(child));
}
