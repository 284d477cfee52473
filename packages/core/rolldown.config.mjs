/**
 * Bundles what each entry point of this package loads: a start takes its time for files more than for anything else, and
 * the sources are some hundred. `tsc` writes the types beside the bundles.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defineConfig } from 'rolldown';
import manifest from './package.json' with { type: 'json' };

const entries = Object.values(manifest.exports).filter(({ source }) => source !== undefined);
const shared = Object.keys(manifest.dependencies);

export default defineConfig({
  cwd: import.meta.dirname,
  input: Object.fromEntries(
    entries.map(({ source, default: file }) => [file.slice('./dist/'.length, -'.js'.length), source]),
  ),
  platform: 'node',
  tsconfig: true,
  transform: { target: 'node20.19' },
  // Whoever has a copy of a dependency shares it with us: an Observable is one only for the RxJS that made it.
  external: (id) => shared.some((name) => id === name || id.startsWith(`${name}/`)),
  output: { dir: 'dist', format: 'esm', chunkFileNames: 'chunks/[name].js', sourcemap: true, keepNames: true },
  plugins: [licences()],
});

/** Writes down the licences of the packages whose code is in the bundles. */
function licences() {
  return {
    name: 'licences',
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap(({ moduleIds = [] }) => moduleIds);
      const folders = new Set(modules.filter((id) => id.includes('node_modules')).map(packageOf));
      const texts = Array.from(folders, (folder) => {
        const { name, version, license } = manifestOf(folder);
        const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
        if (file === undefined) throw new Error(`${name} comes without the text of its licence`);
        return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
      });
      this.emitFile({ type: 'asset', fileName: 'third-party-licences.txt', source: texts.sort().join('\n\n') });
    },
  };
}

/** The folder of the package that a module belongs to; manifests without a version only say how files are read. */
function packageOf(id) {
  let folder = dirname(id);
  while (manifestOf(folder)?.version === undefined) folder = dirname(folder);
  return folder;
}

function manifestOf(folder) {
  const file = join(folder, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
