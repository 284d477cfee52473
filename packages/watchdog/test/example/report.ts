import { startApplication, type ComponentClass, type Logger } from '@asphalt/core';
import { logDelays, Watchdog, type Delay } from '@asphalt/watchdog';

export async function watchedRun(App: ComponentClass, logger: Logger, work: () => void): Promise<Delay[]> {
  const told: Delay[] = [];
  const application = await startApplication(App, { logger });
  const watchdog = await Watchdog.start({ thresholdMs: 200, application });
  logDelays(watchdog, logger);
  watchdog.delayed.subscribe((delay) => void told.push(delay));
  work();
  await watchdog.stop();
  await application.stop();
  return told;
}
