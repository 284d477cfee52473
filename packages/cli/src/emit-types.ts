/**
 * Module hooks that compile TypeScript with the types of what has a decorator, for files that may use `@checked()`. All
 * other files are left to the loader that was registered before. Node runs this in a thread of its own.
 */
import { readFile } from 'node:fs/promises';
import type { LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync, type TransformOptions } from 'oxc-transform';

interface CompilerOptions {
  readonly useDefineForClassFields?: boolean;
  readonly verbatimModuleSyntax?: boolean;
}

let options: TransformOptions;

export function initialize({ useDefineForClassFields = true, verbatimModuleSyntax = false }: CompilerOptions): void {
  options = {
    sourceType: 'module',
    sourcemap: true,
    target: 'node20.19',
    decorator: { legacy: true, emitDecoratorMetadata: true },
    assumptions: { setPublicClassFields: !useDefineForClassFields },
    typescript: {
      removeClassFieldsWithoutInitializer: !useDefineForClassFields,
      onlyRemoveTypeImports: verbatimModuleSyntax,
    },
  };
}

const helpers = '@oxc-project/runtime/';

/** The compiler's helpers are a dependency of this package, not of the application. */
export const resolve: ResolveHook = (specifier, context, next) =>
  next(specifier, specifier.startsWith(helpers) ? { ...context, parentURL: import.meta.url } : context);

export const load: LoadHook = async (url, context, next) => {
  if (!/^file:.*\.m?tsx?(\?|$)/.test(url)) return next(url, context);
  const file = fileURLToPath(url.replace(/[?#].*$/, ''));
  const source = await readFile(file, 'utf8');
  if (!/\bchecked\b/.test(source)) return next(url, context);
  const { code, map, errors } = transformSync(file, source, options);
  // The other loader says what is wrong with a file in the words that users know.
  if (errors.length > 0) return next(url, context);
  const inline = Buffer.from(JSON.stringify(map)).toString('base64');
  return {
    format: 'module',
    source: `${code}\n//# sourceMappingURL=data:application/json;base64,${inline}\n`,
    shortCircuit: true,
  };
};
