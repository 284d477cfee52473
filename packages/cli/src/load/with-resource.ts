/** Starts only the dependencies of one resource, for commands that use it. */
import { Application, type Plan } from '@asphalt/core';
import type { LoadedConfig } from '@asphalt/core/config';
import { partialPlan, type Provider } from '@asphalt/core/inspect';
import { createLogger } from '../terminal/logger.ts';
import { lineWriter } from '../terminal/log-lines.ts';
import type { Output } from '../terminal/output.ts';

export interface SelectedResource {
  readonly config: LoadedConfig;
  readonly plan: Plan;
  readonly provider: Provider;
}

/**
 * Starts what a resource needs, calls a function with it and stops.
 *
 * @param stderr - receives log lines
 */
export async function withResource<T, R>(
  { config, plan, provider }: SelectedResource,
  stderr: Output,
  use: (resource: T) => Promise<R>,
): Promise<R> {
  process.setSourceMapsEnabled(true);
  const logger = createLogger({ level: 'warn', levels: {} }, await lineWriter({ format: 'pretty' }, stderr));
  const { startTimeout, stopTimeout } = config.settings;
  const application = new Application(partialPlan(plan, [provider]), { logger, startTimeout, stopTimeout });
  await application.start();
  try {
    const [id] = provider.ids;
    return await use((await application.context.getResource(id!, provider.name)) as T);
  } finally {
    await application.stop();
  }
}
