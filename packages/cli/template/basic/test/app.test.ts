import { planApplication } from '@asphalt/core/inspect';
import { startTestApplication } from '@asphalt/testing';
import { expect, test } from 'vitest';
import { App } from '../src/app.ts';
import { Clock } from '../src/clock-component.ts';

test('the application can start', async () => {
  const { problems } = await planApplication(App);
  expect(problems).toEqual([]);
});

test('the application logs a greeting for each tick of the clock', async () => {
  await using application = await startTestApplication(App, { config: { greeting: 'Good day' } });

  application.context.getResourceSync(Clock).ticked.dispatch(new Date(2030, 0, 1, 12));
  await application.stop();

  expect(application.logs).toMatchObject([{ level: 'info', message: expect.stringContaining('Good day, it is 12') }]);
});
