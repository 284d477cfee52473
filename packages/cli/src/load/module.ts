/** Imports configuration modules, such as `asphalt.config.ts`. */
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LoadedConfig } from '@asphalt/core/config';
import { prepareTypeScript } from './typescript.ts';

export async function importConfigModule(file: string): Promise<object> {
  await prepareForConfigModule(file);
  return (await import(pathToFileURL(file).href)) as object;
}

/** Installs the TypeScript loader for a configuration module, with the compiler settings nearest to it. */
export async function prepareForConfigModule(file: string): Promise<void> {
  if (!/\.[cm]?tsx?$/.test(file)) return;
  await prepareTypeScript(LoadedConfig.fromObject({ type: `${file}:default` }, { cwd: dirname(file), env: {} }));
}
