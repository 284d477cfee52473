/** Makes the plan of the application that a configuration names, without running it. */
import { loadConfig, planApplication, type Plan } from '@asphalt/core';
import { importConfigModule } from './module.ts';
import { prepareTypeScript } from './typescript.ts';

/** What every command takes that concerns one application. */
export interface ApplicationArguments {
  readonly files: readonly string[];
  readonly set: readonly string[];
  readonly service: string | undefined;
}

/**
 * @returns the plan; what is wrong with the application, its options included, stands in its `problems`
 * @throws when there is no plan at all: the configuration cannot be read, or the root component cannot be found
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
