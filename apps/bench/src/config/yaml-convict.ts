import { readFileSync } from 'node:fs';
import convict, { type Schema } from 'convict';
import { parse } from 'yaml';
import { groupName, groups, kindOf, optionName, optionsPerGroup, type Values } from './description.ts';

const formats = { string: String, int: 'int', port: 'port', boolean: Boolean };

export async function read(files: readonly string[]): Promise<{ values: Values }> {
  const schema: Record<string, Record<string, object>> = {};
  for (let group = 0; group < groups; group++) {
    const options: Record<string, object> = {};
    for (let option = 0; option < optionsPerGroup; option++) {
      const kind = kindOf(option);
      options[optionName(option)] = {
        doc: 'An option',
        format: typeof kind === 'string' ? formats[kind] : kind,
        default: null,
      };
    }
    schema[groupName(group)] = options;
  }
  const config = convict(schema as unknown as Schema<Values>);
  for (const file of files) config.load((parse(readFileSync(file, 'utf8')) as { component: Values }).component);
  config.validate({ allowed: 'strict' });
  return { values: config.getProperties() };
}
