/** The component of a command-line tool. */
import type { ConfigSchema } from '../config/schema.ts';
import { Component } from './component.ts';
import { ownDeclarations } from './declarations.ts';

/** What a tool gives when it has done its work: an exit code from 0 to 127; nothing is 0. */
export type CliResult = number | void | Promise<number | void>;

/**
 * A component whose work ends the application: when `run` has returned, everything is torn down, and what it returned
 * is the exit code. An application that is stopped before that ends with 1.
 *
 * @example
 * class Import extends CliComponent {
 *   async run(@inject(Database) database: Database, abort: AbortSignal): Promise<number> { … }
 * }
 */
export abstract class CliComponent<S extends ConfigSchema = ConfigSchema<{}>> extends Component<S> {
  /**
   * Does the work. The runtime calls it when everything below is ready, with what `@inject` asks for; a parameter without
   * gets the `AbortSignal` that fires when the application is stopped. An error ends the application with 1.
   */
  abstract run(...needs: never[]): CliResult;
}

// It is a task like others, but for what its end means; subclasses inherit it with their own `run`.
ownDeclarations(CliComponent).tasks.push({
  member: 'run',
  name: undefined,
  endsApplication: true,
  site: {},
});
