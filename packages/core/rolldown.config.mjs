/** Bundles what each entry point of this package loads. `tsc` writes the types beside the bundles. */
import { bundlesOf } from '../../scripts/bundle.mjs';
import manifest from './package.json' with { type: 'json' };

const entries = Object.values(manifest.exports).filter(({ source }) => source !== undefined);

export default bundlesOf(
  import.meta.dirname,
  Object.fromEntries(entries.map(({ source, default: file }) => [file.slice('./dist/'.length, -'.js'.length), source])),
  ['src/index.ts'],
);
