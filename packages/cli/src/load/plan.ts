/** Creates the plan of an application from its configuration, without running it. */
import type { Plan } from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import { loadApplicationConfig, type ApplicationArguments } from './application-config.ts';

/**
 * Loads the configuration and plans the application.
 *
 * @returns the plan; its `problems` include faults of the application and of its options
 * @throws when no plan exists: the configuration cannot be read, or the root component cannot be found
 */
export async function planOf(args: ApplicationArguments): Promise<Plan> {
  return planApplication(undefined, { config: await loadApplicationConfig(args) });
}
