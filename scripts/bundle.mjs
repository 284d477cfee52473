/**
 * What the rolldown.config.mjs of the packages have in common: bundles that Node loads fast and whose stack traces a
 * person can read, with the licences of what is inside.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * @param folder - that of the package; its `dependencies` stay outside of the bundles
 * @param input - the entry points: the names of their bundles in `dist`, without `.js`, with the sources
 * @param whole - sources each of which becomes one chunk with all that it imports, less what is in those before it
 */
export function bundlesOf(folder, input, whole) {
  const outside = Object.keys(manifestOf(folder).dependencies);
  return {
    cwd: folder,
    input,
    platform: 'node',
    tsconfig: true,
    transform: { target: 'node20.19' },
    // Whoever has a copy of a dependency shares it with us: an Observable is one only for the RxJS that made it.
    external: (id) => outside.some((name) => id === name || id.startsWith(`${name}/`)),
    // Of a library that is both, the modules: CommonJS comes with helpers, which the bundles share as one more file.
    resolve: { mainFields: ['module', 'main'] },
    experimental: { attachDebugInfo: 'none' },
    output: {
      dir: 'dist',
      format: 'esm',
      codeSplitting: {
        groups: whole.map((source, index) => ({
          name: basename(source, '.ts'),
          test: (id) => id === join(folder, source),
          priority: whole.length - index,
        })),
      },
      chunkFileNames: 'chunks/[name].js',
      sourcemap: true,
      // Node reads every byte of a file that it loads; the comments stand in the sources, to which the maps lead.
      comments: false,
    },
    plugins: [licences(), namesOfClasses()],
  };
}

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

/** Refuses to rename a class, which happens to the second one of a name: messages show the names of classes. */
function namesOfClasses() {
  return {
    name: 'names-of-classes',
    renderChunk(code, { fileName }) {
      const [renamed] = /\b\w+\$\d+ = class\b|\bclass \w+\$\d+/.exec(code) ?? [];
      if (renamed !== undefined) throw new Error(`${fileName} holds two classes of one name: ${renamed}`);
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
