/** The modules inside a built application. They take the place of files and packages that the configuration names. */
export interface BundledModules {
  /** Imports a module, by its absolute file, or by its name in a reference such as `@asphalt/sql#SqlComponent`. */
  readonly imports: ReadonlyMap<string, () => Promise<object>>;
  /** The component types of packages that the application uses by name. */
  readonly types: readonly BundledType[];
}

/** A component type that a bundled package offers. */
export interface BundledType {
  /** Its name in the configuration. */
  readonly type: string;
  /** Reference to its class, such as `@asphalt/sql#SqlComponent`. */
  readonly reference: string;
  readonly packageName: string;
}
