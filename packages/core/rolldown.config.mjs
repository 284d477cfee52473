/** Bundles what each entry point of this package loads. `tsc` writes the types beside the bundles. */
import { bundlesOf } from '../../scripts/bundle.mjs';
import manifest from './package.json' with { type: 'json' };

const entries = Object.values(manifest.exports).filter(({ source }) => source !== undefined);

export default bundlesOf(
  import.meta.dirname,
  Object.fromEntries(entries.map(({ source, default: file }) => [file.slice('./dist/'.length, -'.js'.length), source])),
  // Most processes load all of these, and a file takes longer to open than to read.
  [['src/entry/index.ts', 'src/entry/config.ts', 'src/entry/errors.ts', 'src/entry/inspect.ts']],
);
