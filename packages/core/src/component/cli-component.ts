/** The base class for the component of a command-line tool. */
import type { ConfigSchema } from '../config/schema.ts';
import { Component } from './component.ts';
import { ownDeclarations } from './declarations.ts';

/** The result of a tool: an exit code from 0 to 127. `undefined` means 0, or 1 if the tool was aborted. */
export type CliResult = number | void | Promise<number | void>;

/**
 * A component whose work ends the application. When `run` returns, the application stops and exits with the returned
 * code. If the application is stopped earlier, it exits with 1, or with the code that `run` returns after the abort.
 *
 * @example
 * class Import extends CliComponent {
 *   async run(@inject(Database) database: Database, abort: AbortSignal): Promise<number> { … }
 * }
 */
export abstract class CliComponent<S extends ConfigSchema = ConfigSchema<{}>> extends Component<S> {
  /**
   * Does the work. The runtime calls it when the application has started and injects the `@inject` parameters. A
   * parameter without `@inject` receives the `AbortSignal` that fires when the application stops. If `run` throws, the
   * application exits with 1.
   */
  abstract run(...needs: never[]): CliResult;
}

// `run` is a task whose end stops the application. Subclasses inherit the declaration with their own `run`.
ownDeclarations(CliComponent).tasks.push({
  member: 'run',
  name: undefined,
  endsApplication: true,
  site: {},
});
