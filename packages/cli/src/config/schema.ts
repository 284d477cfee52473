/** `asphalt config schema`: prints a JSON Schema for the configuration files of an application. */
import { describeConfig } from '@asphalt/core/inspect';
import { attempt, load, problemsOfTypes, type ConfigArguments, type Terminal } from './load.ts';

export async function schema(args: ConfigArguments, terminal: Terminal): Promise<number> {
  return await attempt(terminal, async () => {
    const { jsonSchema, problems } = await describeConfig(undefined, { config: await load(args) });
    terminal.write(`${JSON.stringify(jsonSchema, undefined, 2)}\n`);
    return problemsOfTypes(problems);
  });
}
