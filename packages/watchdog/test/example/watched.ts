import { startApplication } from '@asphalt/core';
import { Watchdog, type Delay } from '@asphalt/watchdog';
import { crunchUntilSeen } from './crunch-until-seen.ts';
import { Pagewatch } from './app.ts';

export const delays: Delay[] = [];
const application = await startApplication(Pagewatch);
const watchdog = await Watchdog.start({ thresholdMs: 200, application });
watchdog.delayed.subscribe((delay) => void delays.push(delay));
crunchUntilSeen();
await watchdog.stop();
await application.stop();
