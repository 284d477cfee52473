/**
 * Bundles an application: one CommonJS script, which the loader can cache, and a bundle for each script of a thread. An
 * application with a top-level `await` becomes an ES module instead.
 */
import { isAscii } from 'node:buffer';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { InputOptions, OutputChunk, OutputOptions, Plugin } from 'rolldown';
import { describeThrown } from '@asphalt/core/errors';
import { bundleEnd, bundleStart, importName } from '../code-cache/load-cached.ts';
import { packageFile } from '../terminal/package-files.ts';
import { wholeMapExtension } from '../terminal/bundle-frames.ts';
import { shortPath } from '../terminal/place-text.ts';
import { AssetModules, assetPath } from './asset-modules.ts';
import { BundleError, BundlerMissingError } from './errors.ts';
import { licenseTexts } from './licenses.ts';
import { NativePackages } from './native-packages.ts';
import { recordedPlaces } from './recorded-places.ts';
import { resolveModules } from './resolve-modules.ts';
import { isLibrary, partOfMap, type SourceMapData } from './source-maps.ts';

export interface BundleOptions {
  /** The folder of the project. */
  readonly project: string;
  /** The folder to write to. */
  readonly target: string;
  /** The files of the modules that the configuration names, by their key. */
  readonly modules: ReadonlyMap<string, string>;
}

export interface Bundled {
  /** The name of the bundle. */
  readonly name: string;
  /** The names of all written files and folders. */
  readonly files: readonly string[];
  /** The packages next to the bundle. */
  readonly native: readonly string[];
  /** The project's modules that use their own place. */
  readonly placed: readonly string[];
  /** The modules with a top-level `await`. If there are any, the bundle is an ES module. */
  readonly awaiting: readonly string[];
  /** The folders of the runtime. */
  readonly runtime: readonly string[];
}

type Rolldown = typeof import('rolldown');
type RolldownUtils = typeof import('rolldown/utils');

const entry = '\0asphalt:entry';

/** In an ES module, the bundler defines the `require` of CommonJS modules, but not the names of their file. */
const moduleNames = 'const __filename = import.meta.filename, __dirname = import.meta.dirname;';

/**
 * Bundles an application.
 *
 * @throws {@link BundlerMissingError} when the bundler is not installed
 * @throws {@link BundleError} when a module cannot be bundled
 */
export async function bundle({ project, target, modules }: BundleOptions): Promise<Bundled> {
  const { rolldown, utils } = await loadBundler();
  const command = realpathSync(packageFile('.'));
  const native = new NativePackages(target);
  const tools = { parse: utils.parseSync, MagicString: rolldown.RolldownMagicString };
  const assets = new AssetModules(tools, project, target);
  const plugins = [
    resolveModules({ project: join(project, 'package.json'), command, native }),
    recordedPlaces(tools, target),
    assets.plugin(),
  ];
  const shared: InputOptions = {
    cwd: project,
    platform: 'node',
    tsconfig: true,
    transform: { target: 'node20.19' },
    resolve: { mainFields: ['module', 'main'] },
    experimental: { attachDebugInfo: 'none' },
    logLevel: 'silent',
  };
  const output: OutputOptions = {
    codeSplitting: false,
    keepNames: true,
    sourcemap: true,
    sourcemapExcludeSources: true,
    comments: false,
    // The loader reads ASCII several times as fast as other text. Names and lines stay, for stack traces.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: false, asciiOnly: true } },
  };
  const packer = new Packer(rolldown, target, command);

  const program = entryPlugin(programText(modules, realpathSync(packageFile('dist/built/main.js'))));
  const input = { ...shared, input: { app: entry }, plugins: [program, ...plugins] };
  const { main, awaiting } = await packer.packProgram(input, output);
  const code = awaiting.length > 0 ? main.code : withOwnImport(main.code, utils.parseSync);
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 16);
  const name = `app-${hash}.${awaiting.length > 0 ? 'mjs' : 'cjs'}`;
  packer.write(name, code, main);

  const loader = entryPlugin(loaderText(name, encodingOf(code), realpathSync(packageFile('dist/code-cache/start.js'))));
  const start = await packer.pack({ ...shared, input: { main: entry }, plugins: [loader] }, output, 'cjs');
  packer.write('main.js', start.code, start);

  for (const asset of assets.assets.values()) {
    const path = assetPath(target, asset);
    mkdirSync(dirname(path), { recursive: true });
    if (asset.kind === 'script') {
      const input = { ...shared, input: { script: asset.source }, plugins };
      const script = await packer.pack(input, { ...output, banner: moduleNames }, 'esm');
      packer.write(asset.name, script.code, script);
    } else {
      cpSync(asset.source, path, { recursive: true });
    }
  }
  native.copyUsed(packer.modules);
  writeFileSync(join(target, 'third-party-licences.txt'), licenseTexts(packer.modules));
  return {
    name,
    files: [
      ...packer.files,
      'third-party-licences.txt',
      ...(assets.assets.size > 0 ? ['assets'] : []),
      ...nativeFolder(native),
    ],
    native: native.names,
    placed: [...assets.placed],
    awaiting,
    runtime: packer.runtime,
  };
}

async function loadBundler(): Promise<{ readonly rolldown: Rolldown; readonly utils: RolldownUtils }> {
  try {
    return { rolldown: await import('rolldown'), utils: await import('rolldown/utils') };
  } catch (error) {
    throw new BundlerMissingError(error);
  }
}

/** Runs the bundler and writes its results. */
class Packer {
  readonly files: string[] = [];
  readonly modules: string[] = [];
  readonly #command: string;
  readonly #rolldown: Rolldown;
  readonly #target: string;

  constructor(rolldown: Rolldown, target: string, command: string) {
    this.#rolldown = rolldown;
    this.#target = target;
    this.#command = command;
  }

  /** Packs a script, or an ES module if any of its modules has a top-level `await`. */
  async packProgram(
    input: InputOptions,
    output: OutputOptions,
  ): Promise<{ readonly main: OutputChunk; readonly awaiting: readonly string[] }> {
    try {
      const wrapped = { ...output, banner: bundleStart, footer: bundleEnd };
      return { main: await this.#build(input, wrapped, 'cjs'), awaiting: [] };
    } catch (error) {
      const awaiting = awaitingModules(error);
      if (awaiting.length === 0) throw bundleError(error);
      return { main: await this.pack(input, { ...output, banner: moduleNames }, 'esm'), awaiting };
    }
  }

  async pack(input: InputOptions, output: OutputOptions, format: 'cjs' | 'esm'): Promise<OutputChunk> {
    try {
      return await this.#build(input, output, format);
    } catch (error) {
      throw bundleError(error);
    }
  }

  async #build(input: InputOptions, output: OutputOptions, format: 'cjs' | 'esm'): Promise<OutputChunk> {
    const all = { ...output, format, dir: this.#target };
    const built = await this.#rolldown.build({ ...input, output: all, write: false });
    const [chunk] = built.output;
    this.modules.push(...chunk.moduleIds);
    return chunk;
  }

  /** Writes a bundle with its source maps, whose sources are relative to it. */
  write(name: string, code: string, { map }: OutputChunk): void {
    const text = code.replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n');
    this.#writeFile(name, `${text}//# sourceMappingURL=${basename(name)}.map\n`);
    if (!map) return;
    const { mappings, names } = map;
    const sources = map.sources.map((source) => resolve(this.#target, source));
    const whole = { version: 3, sources, names, mappings };
    this.#writeMap(
      `${name}.map`,
      partOfMap(whole, (source) => !isLibrary(source, this.runtime)),
    );
    this.#writeMap(`${name}${wholeMapExtension}`, whole);
  }

  /** The folders of the runtime in this bundle. */
  get runtime(): string[] {
    const file = this.modules.find((id) => /[\\/]core[\\/]dist[\\/]/.test(id));
    return file === undefined ? [this.#command] : [this.#command, file.replace(/[\\/]dist[\\/].*$/, '')];
  }

  #writeMap(name: string, map: SourceMapData): void {
    const folder = dirname(join(this.#target, name));
    const sources = map.sources.map((source) => relative(folder, source).split(sep).join('/'));
    this.#writeFile(name, JSON.stringify({ ...map, sources }));
  }

  #writeFile(name: string, content: string): void {
    const file = join(this.#target, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    this.files.push(name);
  }
}

function entryPlugin(text: string): Plugin {
  return {
    name: 'asphalt:entry',
    resolveId: (id) => (id === entry ? id : undefined),
    load: (id) => (id === entry ? { code: text, moduleType: 'js' } : undefined),
  };
}

function programText(modules: ReadonlyMap<string, string>, program: string): string {
  const imports = Array.from(modules, ([key, file]) => `${JSON.stringify(key)}: () => import(${JSON.stringify(file)})`);
  return `import { runBuilt } from ${JSON.stringify(program)};
const imports = { ${imports.join(', ')} };
export const main = (args, built) => runBuilt(args, built, imports);`;
}

function loaderText(bundleName: string, encoding: 'latin1' | 'utf8', program: string): string {
  return `import { start } from ${JSON.stringify(program)};
const loaders = { require, importModule: (specifier) => import(specifier) };
void start(__dirname, ${JSON.stringify(bundleName)}, '${encoding}', loaders);`;
}

/** Returns `latin1` for ASCII. Texts of tagged templates are not escaped. */
function encodingOf(code: string): 'latin1' | 'utf8' {
  return isAscii(Buffer.from(code)) ? 'latin1' : 'utf8';
}

/** Has a script call the loader's `import()`, because a script outside of Node's loaders has none. */
function withOwnImport(code: string, parse: RolldownUtils['parseSync']): string {
  const starts: number[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, start } = node as { readonly type?: unknown; readonly start?: unknown };
    if (type === 'ImportExpression') starts.push(Number(start));
    for (const inner of Object.values(node)) visit(inner);
  };
  visit(parse('bundle.cjs', code).program);
  let text = code;
  for (const start of starts) text = text.slice(0, start) + importName + text.slice(start + importName.length);
  return text;
}

/** Returns the modules whose top-level `await` keeps the bundler from writing a script. */
function awaitingModules(error: unknown): string[] {
  const { errors = [] } = error as {
    readonly errors?: ReadonlyArray<{ readonly code?: string; readonly id?: string }>;
  };
  const modules = errors.map(({ code, id }) => (code === 'INVALID_TLA_FORMAT' ? id : undefined));
  return modules.every((id) => id !== undefined) ? modules.sort() : [];
}

function bundleError(error: unknown): Error {
  if (!(error instanceof Error) || error.name === 'SharedCopyError') return error as Error;
  const cause = (error as { readonly errors?: readonly unknown[] }).errors?.[0] ?? error;
  if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUILD_COPY') return cause;
  // The bundler draws the code in colors below the first line.
  const text = stripVTControlCharacters(describeThrown(cause));
  const why = text.split('\n', 1)[0]!.replace(/^(?:Error: )?\[\w+\] /, '');
  const { loc } = cause as { readonly loc?: { readonly file?: string; readonly line: number } };
  return new BundleError(why, loc?.file === undefined ? undefined : `${shortPath(loc.file)}:${loc.line}`);
}

function nativeFolder(native: NativePackages): string[] {
  return native.names.length > 0 ? ['node_modules'] : [];
}
