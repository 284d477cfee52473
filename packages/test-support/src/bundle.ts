/**
 * Bundles programs of tests that start many times. A program in TypeScript with the sources of the workspace takes seconds of
 * processor time to start, its bundle a tenth. This file is an entry point of its own, because programs that run without vitest
 * use it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const workspace = fileURLToPath(new URL('../../../', import.meta.url));

/** Packages from outside of the workspace stay in their folders. */
const externalPackages: Plugin = {
  name: 'external packages',
  setup(bundler) {
    bundler.onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
      if (kind === 'entry-point' || path.startsWith('@asphalt/') || isBuiltin(path)) return undefined;
      return { path: pathToFileURL(createRequire(importer).resolve(path)).href, external: true };
    });
  },
};

/** Programs in a temporary folder. */
export class BundledPrograms implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Bundles modules in TypeScript. They share the modules that several of them import. */
  static async build(modules: readonly URL[]): Promise<BundledPrograms> {
    const folder = await mkdtemp(join(tmpdir(), 'asphalt-programs-'));
    await build({
      entryPoints: modules.map((module) => fileURLToPath(module)),
      outdir: folder,
      outbase: workspace,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      conditions: ['source'],
      keepNames: true,
      tsconfig: join(workspace, 'tsconfig.base.json'),
      plugins: [externalPackages],
    });
    return new BundledPrograms(folder);
  }

  /** Returns the bundle of a module. */
  of(module: URL): URL {
    const path = relative(workspace, fileURLToPath(module)).replace(/\.ts$/, '.mjs');
    return pathToFileURL(join(this.#folder, path));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }
}
