/** Measures a large configuration in four files: reading, merging and validation. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { ConfigOption, ConfigSchema } from '@asphalt/core';
import type { Schema } from 'convict';
import { implementationOf, type Implementations, type Workload } from '../harness/workload.ts';

// A thousand options in a hundred groups, and four layers: the base sets all, each further layer fewer.
const groups = 100;
const optionsPerGroup = 10;
const layerCount = 4;

/** The formats that both subjects support. */
const kinds = ['string', 'int', 'port', 'boolean', ['low', 'middle', 'high']] as const;

function groupName(group: number): string {
  return `group${group}`;
}

function optionName(option: number): string {
  return `option${option}`;
}

function kindOf(option: number): (typeof kinds)[number] {
  return kinds[option % kinds.length]!;
}

/** Returns whether a layer sets an option: the first sets all, the second every second, the third every third… */
function isSet(layer: number, group: number, option: number): boolean {
  return (group * optionsPerGroup + option) % (layer + 1) === 0;
}

function valueIn(layer: number, group: number, option: number): unknown {
  const kind = kindOf(option);
  if (kind === 'string') return `value ${group} of layer ${layer}`;
  if (kind === 'int') return group * 1000 + layer;
  if (kind === 'port') return 1024 + group * 10 + layer;
  if (kind === 'boolean') return (group + layer) % 2 === 0;
  return kind[(group + layer) % kind.length];
}

type Values = Record<string, Record<string, unknown>>;

/** Returns the values of one layer. */
function layerValues(layer: number): Values {
  return valuesOf((group, option) => (isSet(layer, group, option) ? valueIn(layer, group, option) : undefined));
}

/** Returns the merged values of all layers. */
function expectedValues(): Values {
  return valuesOf((group, option) => valueIn(lastLayer(group, option), group, option));
}

/** Returns the highest layer that sets an option. */
function lastLayer(group: number, option: number): number {
  let last = 0;
  for (let layer = 0; layer < layerCount; layer++) if (isSet(layer, group, option)) last = layer;
  return last;
}

function valuesOf(value: (group: number, option: number) => unknown): Values {
  const all: Values = {};
  for (let group = 0; group < groups; group++) {
    const values: Record<string, unknown> = {};
    for (let option = 0; option < optionsPerGroup; option++) {
      const set = value(group, option);
      if (set !== undefined) values[optionName(option)] = set;
    }
    all[groupName(group)] = values;
  }
  return all;
}

/** Reads and validates the files, lowest layer first. @returns the values, and a function that verifies more */
type Read = (files: readonly string[]) => Promise<{ values: Values; verify?: () => void }>;

/** Imports the libraries of a subject. @returns the function that is timed */
const implementations: Implementations<() => Promise<Read>> = {
  asphalt: loadAsphalt,
  'yaml+convict': loadConvict,
};

async function loadAsphalt(): Promise<Read> {
  const { Component, component, defineConfig } = await import('@asphalt/core');
  const { loadConfig } = await import('@asphalt/core/config');
  const { planApplication } = await import('@asphalt/core/inspect');

  // The compiler cannot infer options that a loop creates.
  const define = defineConfig as (options: Record<string, ConfigOption>) => ConfigSchema;

  return async (files) => {
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
  };
}

async function loadConvict(): Promise<Read> {
  const { default: convict } = await import('convict');
  const { parse } = await import('yaml');

  const formats = { string: String, int: 'int', port: 'port', boolean: Boolean };

  return async (files) => {
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
  };
}

const folder = fileURLToPath(new URL('../../dist/generated/config', import.meta.url));
const files = Array.from({ length: layerCount }, (_, layer) => `${folder}/layer${layer}.yaml`);

export const config: Workload = {
  name: 'config-1000',
  measures: '1,000 options in four YAML files are read, merged and checked, once, in a new process.',
  unit: 'ms',
  yardstick: 'yaml+convict',
  target: 'asphalt ≤ 1.2 × yaml+convict',
  subjects: [
    { name: 'asphalt', package: '@asphalt/core', note: 'origins kept' },
    { name: 'yaml+convict', package: 'convict', note: 'no origins' },
  ],
  async prepare() {
    const { stringify } = await import('yaml');
    mkdirSync(folder, { recursive: true });
    // Asphalt expects the root component's options under `component`. Both subjects read the same files.
    for (const [layer, file] of files.entries()) writeFileSync(file, stringify({ component: layerValues(layer) }));
  },
  async sample(subject) {
    const start = performance.now();
    const read = await implementationOf(implementations, subject)();
    const imported = performance.now();
    const { values, verify } = await read(files);
    const value = performance.now() - imported;
    if (!isDeepStrictEqual(values, expectedValues())) throw new Error('The values differ from those in the files');
    verify?.();
    return { value, beside: { 'import, ms': imported - start } };
  },
};
