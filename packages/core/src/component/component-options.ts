/** What may be said in `@component({ … })`. */
import type { ConfigOf } from '../config/define.ts';
import type { ConfigSchema } from '../config/schema.ts';
import type { ChildDeclaration } from './child.ts';
import type { ComponentClass } from './component-class.ts';

/** Children by alias: `type`, or `type/name` for one whose resources are named `name`. */
export type Children = Readonly<Record<string, ComponentClass | ChildDeclaration>>;

export interface ComponentOptions<S extends ConfigSchema = ConfigSchema> {
  /** The component's options; read as `this.config`. */
  readonly config?: S;
  /** The children that always exist, or a function of the checked options that gives them. */
  readonly components?: Children | ((config: ConfigOf<S>) => Children);
  /** Types of which the configuration may make children, by the name that stands in their alias or as `type`. */
  readonly types?: Readonly<Record<string, ComponentClass>>;
  /**
   * Milliseconds that its constructor, or one of its hooks or providers, may take while it starts; when they have
   * passed, the start fails. There is no limit if not said, other than that of the whole start.
   */
  readonly startTimeout?: number;
  /**
   * Milliseconds that each part of its teardown may take; what takes longer is named and given up, and the stop goes
   * on without it. There is no limit if not said, other than that of the whole stop.
   */
  readonly stopTimeout?: number;
  /** Says what the component is for, in graphs and documentation. */
  readonly description?: string;
}
