/** The options of `@component({ … })`. */
import type { ConfigOf } from '../config/define.ts';
import type { ConfigSchema } from '../config/schema.ts';
import type { ChildDeclaration } from './child.ts';
import type { ComponentClass } from './component-class.ts';

/** Children by alias: `type`, or `type/name` for one whose resources are named `name`. */
export type Children = Readonly<Record<string, ComponentClass | ChildDeclaration>>;

export interface ComponentOptions<S extends ConfigSchema = ConfigSchema> {
  /** The component's options, available as `this.config`. */
  readonly config?: S;
  /** The children that always exist, or a function that returns them for the validated options. */
  readonly components?: Children | ((config: ConfigOf<S>) => Children);
  /** Types that the configuration may use for children, by the name in their alias or `type`. */
  readonly types?: Readonly<Record<string, ComponentClass>>;
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
