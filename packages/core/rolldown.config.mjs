/**
 * Bundles what the entry points of this package load. The number of files is what a start takes its time for: the
 * compiled sources of core alone are some 75. `tsc` writes the types beside the bundles.
 */
import { defineConfig } from 'rolldown';
import manifest from './package.json' with { type: 'json' };

const entries = Object.values(manifest.exports).filter(({ source }) => source !== undefined);

export default defineConfig({
  cwd: import.meta.dirname,
  input: Object.fromEntries(
    entries.map(({ source, default: file }) => [file.slice('./dist/'.length, -'.js'.length), source]),
  ),
  platform: 'node',
  tsconfig: true,
  transform: { target: 'node20.19' },
  // Whoever has a copy of these must share it with us: an Observable is one only for the RxJS that made it.
  external: /^(rxjs|inversify|reflect-metadata)(\/|$)/,
  output: { dir: 'dist', format: 'esm', chunkFileNames: 'chunks/[name].js', sourcemap: true, keepNames: true },
});
