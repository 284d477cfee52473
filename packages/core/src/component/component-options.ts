/** The options of `@component({ … })` and the children that it declares. */
import type { ConfigInput, ConfigOf } from '../config/define.ts';
import type { ConfigSchema } from '../config/schema.ts';
import type { AnyIdentifier } from '../context/key.ts';
import { captureSite, type Site } from './place.ts';

/** A class whose instances are components. */
// oxlint-disable-next-line typescript/no-explicit-any -- constructor parameters are checked by `@inject`, one by one
export type ComponentClass<T extends object = object> = new (...args: any[]) => T;

/** Children by alias: `type`, or `type/name` for one whose resources are named `name`. */
export type Children = Readonly<Record<string, ComponentClass | ChildDeclaration>>;

/** A resource that code looks up: an identifier, optionally with a name, or with `optional` if it may be absent. */
export type Wanted<T = unknown> =
  | AnyIdentifier<T>
  | { readonly id: AnyIdentifier<T>; readonly name?: string; readonly optional?: boolean };

/** The property of an object that lists the resources that its code looks up, for {@link ComponentOptions.lookups}. */
export const lookups: unique symbol = Symbol.for('@asphalt/core/lookups') as never;

/** An object or function that looks up resources, such as a middleware of a library. */
export interface LookupSource {
  readonly [lookups]: readonly Wanted[];
}

export interface ComponentOptions<S extends ConfigSchema = ConfigSchema> {
  /** The component's options, available as `this.config`. */
  readonly config?: S;
  /** The children that always exist, or a function that returns them for the validated options. */
  readonly components?: Children | ((config: ConfigOf<S>) => Children);
  /** Types that the configuration may use for children, by the name in their alias or `type`. */
  readonly types?: Readonly<Record<string, ComponentClass>>;
  /**
   * The resources that code of the component looks up while the application runs, such as in requests and callbacks.
   * The plan requires a provider for each of them that is not `optional`. A subclass adds to those of its base class.
   */
  readonly lookups?: ReadonlyArray<Wanted | LookupSource>;
  /**
   * Time limit in milliseconds for the constructor and for each hook and provider during the start. The start fails if
   * one of them exceeds it. Defaults to the application's start limit.
   */
  readonly startTimeout?: number;
  /**
   * Time limit in milliseconds for each part of the teardown. A part that exceeds it is reported and abandoned, and the
   * stop continues without it. Defaults to the application's stop limit.
   */
  readonly stopTimeout?: number;
  /** Describes the component in graphs and documentation. */
  readonly description?: string;
}

/** A child component with options that its parent sets in code. */
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
