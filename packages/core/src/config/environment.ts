const places: unique symbol = Symbol('places');

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>> & {
  /** The places of variables that files set. @internal */
  readonly [places]?: ReadonlyMap<string, string>;
};

/** Returns an environment whose variables have places in files, such as `.env:3`. */
export function withPlaces(env: Environment, known: ReadonlyMap<string, string>): Environment {
  return { ...env, [places]: known };
}

/** Describes the origin of a variable in messages. */
export function variableText(env: Environment, name: string): string {
  const place = env[places]?.get(name);
  return `environment variable ${name}${place === undefined ? '' : ` in ${place}`}`;
}

/**
 * Returns the value of a variable. An empty variable counts as not set: shells and container files often leave one
 * empty.
 */
export function readVariable(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === '' ? undefined : value;
}

/**
 * Returns the environment variable that an instance reads for an option. The instance named `default` reads the
 * variable of the schema; others append their name in capitals. `mailer/news` reads `HOST_NEWS` for `HOST`.
 */
export function instanceVariable(variable: string, resourceName: string): string {
  return resourceName === 'default' ? variable : `${variable}_${resourceName.toUpperCase().replace(/\W/g, '_')}`;
}

/** Returns the names of the non-empty `ASPHALT_SET_…` variables, sorted. Each sets one value by its path. */
export function setVariables(env: Environment): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('ASPHALT_SET_') && readVariable(env, name) !== undefined)
    .sort();
}
