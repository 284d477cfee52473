/**
 * A compiler for TypeScript that emits the types of what has a decorator, as `@checked()` wants them, and the hooks by
 * which runtimes ask it: those of `node:module`, which Node and Deno have, and those of Bun. Older versions of Node run
 * this file in a thread of its own.
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
  /** Which files are compiled here; all others are left to what compiles without these hooks. */
  readonly files: 'with-checks' | 'all';
}

let options: TransformOptions;
let takesAll = false;

/** To be called before any file is loaded; Node does it by itself where this runs in a thread. */
export function initialize({ compilerOptions, files }: EmitTypesOptions): void {
  const {
    emitDecoratorMetadata = false,
    useDefineForClassFields = true,
    verbatimModuleSyntax = false,
  } = compilerOptions;
  takesAll = files === 'all';
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

/** The compiler's helpers are a dependency of this package, not of the application. */
const helper = /(?<=^import .* from )"(@oxc-project\/runtime\/[^"]+)"/gm;
const require = createRequire(import.meta.url);

function urlOfHelper(_: string, name: string): string {
  return JSON.stringify(pathToFileURL(require.resolve(name)).href);
}

/** The source in JavaScript, with its map; undefined for a file that is not taken, or that cannot be parsed. */
function compile(file: string): string | undefined {
  const source = readFileSync(file, 'utf8');
  if (!takesAll && !/\bchecked\b/.test(source)) return undefined;
  const { code, map, errors } = transformSync(file, source, options);
  // The other compiler says what is wrong with a file in the words that users know.
  if (errors.length > 0) return undefined;
  const inline = Buffer.from(JSON.stringify(map)).toString('base64');
  return `${code.replace(helper, urlOfHelper)}\n//# sourceMappingURL=data:application/json;base64,${inline}\n`;
}

/** The hook of `node:module`. */
export function load(url: string, context: object, next: (url: string, context: object) => unknown): unknown {
  if (!/^file:.*\.m?tsx?(\?|$)/.test(url)) return next(url, context);
  const source = compile(fileURLToPath(url.replace(/[?#].*$/, '')));
  return source === undefined ? next(url, context) : { format: 'module', source, shortCircuit: true };
}

/** What of Bun's global is used here. */
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

/** Bun has no use for source maps here, so its stacks tell lines of the compiled code. */
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
