/** The kinds of projects that `asphalt new` creates. The folder `template` has a folder of each. */

interface Kind {
  readonly description: string;
  /** The scripts to run after the creation. */
  readonly firstScripts: readonly string[];
}

/** In the order of the prompt. */
export const kinds = {
  basic: { description: 'a component, its events and their handler', firstScripts: ['test', 'dev'] },
  api: { description: 'an HTTP API with validation and health endpoints', firstScripts: ['test', 'dev'] },
  'api-sql': { description: 'the same with a database and migrations', firstScripts: ['test', 'dev'] },
  worker: { description: 'handles messages with retries, here the files of a folder', firstScripts: ['test', 'dev'] },
  cli: { description: 'a command-line tool', firstScripts: ['test', 'build', 'start'] },
} as const satisfies Record<string, Kind>;

export type ProjectKind = keyof typeof kinds;

export const projectKinds = Object.keys(kinds) as ProjectKind[];

export const defaultKind: ProjectKind = 'basic';
