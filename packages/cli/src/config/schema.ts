/** `asphalt config schema`: prints a JSON Schema for the configuration files of an application. */
import { AsphaltError } from '@asphalt/core';
import type { LoadedConfig } from '@asphalt/core/config';
import { describeServices } from '@asphalt/core/inspect';
import { loadApplicationConfig, readServices, type ApplicationArguments } from '../load/application-config.ts';
import { attempt, problemsOfTypes, type Terminal } from './attempt.ts';

/** Prints the schema. It covers all services, unless the arguments name one. */
export async function schema(args: ApplicationArguments, terminal: Terminal): Promise<number> {
  return await attempt(terminal, async () => {
    const { configs, problems } =
      args.service === undefined ? await loadAll(args) : { configs: [await loadApplicationConfig(args)], problems: [] };
    const described = await describeServices(configs);
    terminal.write(`${JSON.stringify(described.jsonSchema, undefined, 2)}\n`);
    return problemsOfTypes([...problems, ...described.problems]);
  });
}

interface Loaded {
  readonly configs: readonly LoadedConfig[];
  readonly problems: readonly AsphaltError[];
}

/** Loads all services. A service that cannot be loaded does not affect the others. */
async function loadAll(args: ApplicationArguments): Promise<Loaded> {
  const configs: LoadedConfig[] = [];
  const problems: AsphaltError[] = [];
  for (const { load } of await readServices(args)) {
    try {
      configs.push(await load());
    } catch (error) {
      if (!AsphaltError.is(error)) throw error;
      problems.push(error);
    }
  }
  if (configs.length === 0 && problems[0]) throw problems[0];
  return { configs, problems };
}
