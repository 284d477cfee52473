/** Configuration written in TypeScript, as the default export of `asphalt.config.ts`. */
import type { ConfigInput } from '../config/define.ts';
import type { applicationSettings } from '../config/loaded-config.ts';
import type { LoggingInput } from '../config/logging-setting.ts';
import type { OptionsFor } from './child.ts';
import type { ComponentClass } from './component-class.ts';

/** What a component is to be and which options it gets; made by {@link section}. */
export interface ComponentSection {
  readonly type?: ComponentClass | string | undefined;
  readonly components?: ComponentSections | undefined;
  readonly [option: string]: unknown;
}

/** Sections of children by alias: `type`, or `type/name` for one whose resources are named `name`. */
export type ComponentSections = Readonly<Record<string, ComponentSection | null>>;

/** The configuration of one service. */
export interface ServiceConfig extends Omit<ConfigInput<typeof applicationSettings>, 'logging'> {
  readonly logging?: LoggingInput | undefined;
  readonly component?: ComponentSection | undefined;
}

/** The configuration of an application, as a file holds it. */
export interface AppConfig extends ServiceConfig {
  readonly services?: Readonly<Record<string, ServiceConfig>> | undefined;
}

/**
 * The section of a component of this class: the compiler knows its options. Other layers may override each of them.
 */
export function section<C extends ComponentClass>(
  type: C,
  options?: OptionsFor<C> & { readonly components?: ComponentSections },
): ComponentSection {
  return { ...options, type };
}

/** Types a configuration; its relative paths start at the file that exports it. */
export function defineApp(config: AppConfig): AppConfig {
  return config;
}
