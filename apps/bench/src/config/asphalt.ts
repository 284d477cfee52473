import { Component, component, defineConfig, type ConfigOption, type ConfigSchema } from '@asphalt/core';
import { loadConfig } from '@asphalt/core/config';
import { planApplication } from '@asphalt/core/inspect';
import { groupName, groups, kindOf, lastLayer, optionName, optionsPerGroup, type Values } from './description.ts';

// The compiler cannot infer options that a loop creates.
const define = defineConfig as (options: Record<string, ConfigOption>) => ConfigSchema;

export async function read(files: readonly string[]): Promise<{ values: Values; verify: () => void }> {
  const schema: Record<string, ConfigOption> = {};
  for (let group = 0; group < groups; group++) {
    const options: Record<string, ConfigOption> = {};
    for (let option = 0; option < optionsPerGroup; option++) {
      options[optionName(option)] = { doc: 'An option', format: kindOf(option), required: true };
    }
    schema[groupName(group)] = { doc: 'A group', format: define(options) };
  }

  // A plan does not expose options; the function of the children receives them.
  let values: unknown;
  const components = (options: object): {} => {
    values = options;
    return {};
  };

  @component({ config: define(schema), components })
  class App extends Component {}

  const config = await loadConfig({ files });
  const { problems } = await planApplication(App, { config });
  const [problem] = problems;
  if (problem) throw problem;
  const verify = (): void => {
    for (let group = 0; group < groups; group++) {
      for (let option = 0; option < optionsPerGroup; option++) {
        const file = config.root.origins([groupName(group), optionName(option)])[0]?.file;
        if (file !== files[lastLayer(group, option)]) throw new Error(`The reported origin is ${file}`);
      }
    }
  };
  return { values: values as Values, verify };
}
