/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable; an empty one counts as not set, as shells and container files often leave it so. */
export function readVariable(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === '' ? undefined : value;
}

/**
 * The variable that an instance reads for an option: the schema's own for the instance named `default`, and with the
 * name in capitals behind it for others, so `HOST` is `HOST_NEWS` for `mailer/news`.
 */
export function instanceVariable(variable: string, resourceName: string): string {
  return resourceName === 'default' ? variable : `${variable}_${resourceName.toUpperCase().replace(/\W/g, '_')}`;
}

/** The names of the variables that set single values by their path, in their order. */
export function setVariables(env: Environment): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('ASPHALT_SET_') && readVariable(env, name) !== undefined)
    .sort();
}
