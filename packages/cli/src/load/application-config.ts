/** Loads the configuration of one application, and prepares its TypeScript sources for loading. */
import { loadConfig, type LoadedConfig } from '@asphalt/core/config';
import { importConfigModule } from './module.ts';
import { prepareTypeScript } from './typescript.ts';

/** The arguments of every command that concerns one application. */
export interface ApplicationArguments {
  readonly files: readonly string[];
  readonly set: readonly string[];
  readonly service: string | undefined;
}

/**
 * Loads the configuration. Problems at its top level are in its `problems`, so that the plan reports them with all others.
 *
 * @throws when it cannot be read, or names no root component although `requireRootType` is true
 */
export async function loadApplicationConfig(
  { files, set, service }: ApplicationArguments,
  { requireRootType = true }: { readonly requireRootType?: boolean } = {},
): Promise<LoadedConfig> {
  const config = await loadConfig({
    files,
    set,
    service,
    requireRootType,
    collectProblems: true,
    importModule: importConfigModule,
  });
  await prepareTypeScript(config);
  return config;
}
