/** Loads the configuration of one application, and prepares its TypeScript sources for loading. */
import { loadConfig, loadServices, type LoadedConfig, type ServiceConfig } from '@asphalt/core/config';
import { importConfigModule } from './module.ts';
import { prepareTypeScript } from './typescript.ts';

/** The arguments of every command that concerns one application. */
export interface ApplicationArguments {
  readonly files: readonly string[];
  readonly set: readonly string[];
  readonly envFiles: readonly string[];
  readonly service: string | undefined;
}

/**
 * Loads the configuration. Problems at its top level are in its `problems`, so that the plan reports them with all others.
 *
 * @throws when it cannot be read, or names no root component although `requireRootType` is true
 */
export async function loadApplicationConfig(
  args: ApplicationArguments,
  { requireRootType = true }: { readonly requireRootType?: boolean } = {},
): Promise<LoadedConfig> {
  return await prepared(await loadConfig({ ...args, ...shared, requireRootType }));
}

/** Reads the configuration of every service. {@link loadApplicationConfig} loads a single one in the same way. */
export async function readServices({
  files,
  set,
  envFiles,
}: Omit<ApplicationArguments, 'service'>): Promise<ServiceConfig[]> {
  const services = await loadServices({ files, set, envFiles, ...shared, requireRootType: true });
  return services.map(({ service, load }) => ({ service, load: async () => await prepared(await load()) }));
}

const shared = { collectProblems: true, importModule: importConfigModule };

async function prepared(config: LoadedConfig): Promise<LoadedConfig> {
  await prepareTypeScript(config);
  return config;
}
