/** Installs the hooks that report modules in the main thread or in another thread of the application. */
import module from 'node:module';
import { pathToFileURL } from 'node:url';
import { packageFile } from '../terminal/package-files.ts';
import { initialize, resolveSync, type HookOptions } from './module-hooks.ts';

/** The key of the environment data that marks the threads of an application under `asphalt dev`. */
export const developmentKey = '@asphalt/dev';

export function reportModules(options: HookOptions): void {
  const { registerHooks } = module as { readonly registerHooks?: (hooks: object) => void };
  if (registerHooks === undefined) {
    module.register(pathToFileURL(packageFile('dist/dev/module-hooks.js')), { data: options });
    return;
  }
  initialize(options);
  registerHooks({ resolve: resolveSync });
}
