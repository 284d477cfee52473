import { silentLogger, startApplication, type Logger } from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import { expect, test } from 'vitest';
import { App } from '../src/app.ts';
import { Clock } from '../src/clock-component.ts';

test('the application can start', async () => {
  const { problems } = await planApplication(App);
  expect(problems).toEqual([]);
});

test('the application logs a greeting for each tick of the clock', async () => {
  const lines: string[] = [];
  const logger: Logger = { ...silentLogger, info: (line) => lines.push(line), child: () => logger };
  await using application = await startApplication(App, { config: { greeting: 'Good day' }, logger });

  application.context.getResourceSync(Clock).ticked.dispatch(new Date(2030, 0, 1, 12));
  await application.stop();

  expect(lines).toEqual([expect.stringContaining('Good day, it is 12')]);
});
