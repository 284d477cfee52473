/**
 * Compiles TypeScript with the types of decorated members, which `@checked()` reads. Provides this compiler as a hook of
 * `node:module` for Node and Deno, and as a plugin for Bun. Older versions of Node run this file in a separate thread,
 * so it must not share state with the rest of the command.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync, type TransformOptions } from 'oxc-transform';

export interface CompilerOptions {
  readonly emitDecoratorMetadata?: boolean;
  readonly useDefineForClassFields?: boolean;
  readonly verbatimModuleSyntax?: boolean;
}

export interface EmitTypesOptions {
  readonly compilerOptions: CompilerOptions;
  /** The files to compile here. The loader below these hooks compiles all others. */
  readonly files: 'with-checks' | 'all';
}

let options: TransformOptions;
let compilesAll = false;

/** Sets the compiler options before any file is loaded. Node calls it itself if this file runs in a thread. */
export function initialize({ compilerOptions, files }: EmitTypesOptions): void {
  const {
    emitDecoratorMetadata = false,
    useDefineForClassFields = true,
    verbatimModuleSyntax = false,
  } = compilerOptions;
  compilesAll = files === 'all';
  options = {
    sourceType: 'module',
    sourcemap: true,
    target: 'node20.19',
    decorator: { legacy: true, emitDecoratorMetadata },
    assumptions: { setPublicClassFields: !useDefineForClassFields },
    typescript: {
      removeClassFieldsWithoutInitializer: !useDefineForClassFields,
      onlyRemoveTypeImports: verbatimModuleSyntax,
    },
  };
}

/** Matches imports of compiler helpers. These are a dependency of this package, not of the application. */
const helper = /(?<=^import .* from )"(@oxc-project\/runtime\/[^"]+)"/gm;
const require = createRequire(import.meta.url);

function urlOfHelper(_: string, name: string): string {
  return JSON.stringify(pathToFileURL(require.resolve(name)).href);
}

/** Compiles a file to JavaScript with an inline source map. Returns undefined for a skipped or unparseable file. */
function compile(file: string): string | undefined {
  const source = readFileSync(file, 'utf8');
  if (!compilesAll && !/\bchecked\b/.test(source)) return undefined;
  const { code, map, errors } = transformSync(file, source, options);
  // The loader below reports syntax errors in the words that users know.
  if (errors.length > 0) return undefined;
  const inline = Buffer.from(JSON.stringify(map)).toString('base64');
  return `${code.replace(helper, urlOfHelper)}\n//# sourceMappingURL=data:application/json;base64,${inline}\n`;
}

/** The `load` hook of `node:module`. */
export function load(url: string, context: object, next: (url: string, context: object) => unknown): unknown {
  if (!/^file:.*\.m?tsx?(\?|$)/.test(url)) return next(url, context);
  const source = compile(fileURLToPath(url.replace(/[?#].*$/, '')));
  return source === undefined ? next(url, context) : { format: 'module', source, shortCircuit: true };
}

/** The used part of Bun's global. */
export interface Bun {
  plugin(plugin: {
    name: string;
    setup(build: {
      onLoad(
        files: { filter: RegExp },
        load: (module: { path: string }) => { contents: string; loader: 'js' | 'ts' | 'tsx' },
      ): void;
    }): void;
  }): unknown;
}

/** Installs the compiler as a Bun plugin. Bun ignores source maps of plugins, so stacks show lines of compiled code. */
export function installInBun(bun: Bun): void {
  bun.plugin({
    name: 'asphalt',
    setup(build) {
      build.onLoad({ filter: /\.m?tsx?$/ }, ({ path }) => {
        const contents = compile(path);
        if (contents !== undefined) return { contents, loader: 'js' };
        return { contents: readFileSync(path, 'utf8'), loader: path.endsWith('x') ? 'tsx' : 'ts' };
      });
    },
  });
}
