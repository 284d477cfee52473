/** `asphalt config schema`: prints a JSON Schema for the configuration files of an application. */
import { describeConfig } from '@asphalt/core/inspect';
import { loadApplicationConfig, type ApplicationArguments } from '../load/application-config.ts';
import { attempt, problemsOfTypes, type Terminal } from './attempt.ts';

export async function schema(args: ApplicationArguments, terminal: Terminal): Promise<number> {
  return await attempt(terminal, async () => {
    const { jsonSchema, problems } = await describeConfig(undefined, { config: await loadApplicationConfig(args) });
    terminal.write(`${JSON.stringify(jsonSchema, undefined, 2)}\n`);
    return problemsOfTypes(problems);
  });
}
