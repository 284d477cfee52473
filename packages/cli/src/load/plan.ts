/** Creates the plan of an application from its configuration, without running it. */
import type { Plan } from '@asphalt/core';
import { loadConfig } from '@asphalt/core/config';
import { planApplication } from '@asphalt/core/inspect';
import { importConfigModule } from './module.ts';
import { prepareTypeScript } from './typescript.ts';

/** The arguments of every command that works on one application. */
export interface ApplicationArguments {
  readonly files: readonly string[];
  readonly set: readonly string[];
  readonly service: string | undefined;
}

/**
 * Loads the configuration and plans the application.
 *
 * @returns the plan; its `problems` include faults of the application and of its options
 * @throws when no plan exists: the configuration cannot be read, or the root component cannot be found
 */
export async function planOf({ files, set, service }: ApplicationArguments): Promise<Plan> {
  const config = await loadConfig({
    files,
    set,
    service,
    requireRootType: true,
    collectProblems: true,
    importModule: importConfigModule,
  });
  await prepareTypeScript(config);
  return planApplication(undefined, { config });
}
