/**
 * The settings that the rolldown.config.mjs of all packages share: bundles that Node loads fast, with readable stack
 * traces and the licenses of the bundled packages.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * @param folder - the folder of the package; its dependencies stay outside the bundles, except those for development
 * @param input - the source of each entry point, by the name of its bundle in `dist` without `.js`
 * @param whole - groups of sources; each group becomes one chunk with its imports, except modules in earlier chunks
 */
export function bundlesOf(folder, input, whole) {
  const { dependencies, peerDependencies, optionalDependencies } = manifestOf(folder);
  const outside = Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies });
  return {
    cwd: folder,
    input,
    platform: 'node',
    tsconfig: true,
    transform: { target: 'node20.19' },
    // The application and the bundle share one copy: `instanceof Observable` holds only for the RxJS that created it.
    external: (id) => outside.some((name) => id === name || id.startsWith(`${name}/`)),
    // Prefers ES modules: CommonJS needs helpers, which would become one more file for the bundles to share.
    resolve: { mainFields: ['module', 'main'] },
    experimental: { attachDebugInfo: 'none' },
    output: {
      dir: 'dist',
      format: 'esm',
      codeSplitting: {
        groups: whole.map((sources, index) => ({
          name: basename(sources[0], '.ts'),
          test: (id) => sources.some((source) => id === join(folder, source)),
          priority: whole.length - index,
        })),
      },
      chunkFileNames: 'chunks/[name].js',
      sourcemap: true,
      // Node reads every byte of a file that it loads. The sources, to which the maps lead, have the comments.
      comments: false,
    },
    plugins: [licences(), namesOfClasses()],
  };
}

/** Emits a file with the licenses of the bundled packages. */
function licences() {
  return {
    name: 'licences',
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap(({ moduleIds = [] }) => moduleIds);
      const folders = new Set(modules.filter((id) => id.includes('node_modules')).map(packageOf));
      const texts = Array.from(folders, (folder) => {
        const { name, version, license } = manifestOf(folder);
        const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
        if (file === undefined) throw new Error(`${name} has no license text`);
        return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
      });
      this.emitFile({ type: 'asset', fileName: 'third-party-licences.txt', source: texts.sort().join('\n\n') });
    },
  };
}

/** Fails if the bundler renames a class, as it does with a second class of one name: messages show class names. */
function namesOfClasses() {
  return {
    name: 'names-of-classes',
    renderChunk(code, { fileName }) {
      const [renamed] = /\b\w+\$\d+ = class\b|\bclass \w+\$\d+/.exec(code) ?? [];
      if (renamed !== undefined) throw new Error(`${fileName} contains two classes of one name: ${renamed}`);
    },
  };
}

/** Returns the folder of a module's package. Manifests without a version only set the module type of a folder. */
function packageOf(id) {
  let folder = dirname(id);
  while (manifestOf(folder)?.version === undefined) folder = dirname(folder);
  return folder;
}

function manifestOf(folder) {
  const file = join(folder, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
