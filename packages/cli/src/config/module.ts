/** Imports configuration that is a module, such as `asphalt.config.ts`. */
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LoadedConfig } from '@asphalt/core';
import { prepareTypeScript } from '../typescript.ts';

export async function importConfigModule(file: string): Promise<object> {
  if (/\.[cm]?tsx?$/.test(file)) {
    // As for an application that is written in this file: with the settings beside it.
    await prepareTypeScript(LoadedConfig.fromObject({ type: `${file}:default` }, { cwd: dirname(file), env: {} }));
  }
  return (await import(pathToFileURL(file).href)) as object;
}
