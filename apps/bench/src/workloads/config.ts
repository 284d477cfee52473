/** Measures a large configuration in four files: reading, merging and validation. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { load, type Loaders, type Workload } from '../harness/workload.ts';
import { expectedValues, layerCount, layerValues, type Values } from '../config/description.ts';

/** Reads and validates the files, lowest layer first. @returns the values, and a function that verifies more */
type Read = (files: readonly string[]) => Promise<{ values: Values; verify?: () => void }>;

const loaders: Loaders<{ read: Read }> = {
  asphalt: () => import('../config/asphalt.ts'),
  'yaml+convict': () => import('../config/yaml-convict.ts'),
};

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
    const { read } = await load(loaders, subject);
    const imported = performance.now();
    const { values, verify } = await read(files);
    const value = performance.now() - imported;
    if (!isDeepStrictEqual(values, expectedValues())) throw new Error('The values differ from those in the files');
    verify?.();
    return { value, beside: { 'import, ms': imported - start } };
  },
};
