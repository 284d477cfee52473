/** Types for a configuration in TypeScript, the default export of `asphalt.config.ts`. */
import type { ConfigInput } from '../config/define.ts';
import type { applicationSettings } from '../config/loaded-config.ts';
import type { LoggingInput } from '../config/logging-setting.ts';
import type { ComponentClass, OptionsFor } from './component-options.ts';

/** The type and the options of a component; created by {@link section}. */
export interface ComponentSection {
  readonly type?: ComponentClass | string | undefined;
  readonly components?: ComponentSections | undefined;
  /** `false` removes the component with its children. */
  readonly enabled?: boolean | string | undefined;
  readonly [option: string]: unknown;
}

/** Sections of children by alias: `type`, or `type/name` for one whose resources are named `name`. */
export type ComponentSections = Readonly<Record<string, ComponentSection | null>>;

/** The configuration of one service. */
export interface ServiceConfig extends Omit<ConfigInput<typeof applicationSettings>, 'logging'> {
  readonly logging?: LoggingInput | undefined;
  readonly component?: ComponentSection | undefined;
}

/** The configuration of an application, as in a configuration file. */
export interface AppConfig extends ServiceConfig {
  readonly services?: Readonly<Record<string, ServiceConfig>> | undefined;
}

/** Returns the section of a component with typed options. Other layers may override each of them. */
export function section<C extends ComponentClass>(
  type: C,
  options?: OptionsFor<C> & { readonly components?: ComponentSections; readonly enabled?: boolean },
): ComponentSection {
  return { ...options, type };
}

/** Returns a configuration with its type. Relative paths are relative to the file that exports it. */
export function defineApp(config: AppConfig): AppConfig {
  return config;
}
