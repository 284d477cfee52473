import { problemOf } from '@asphalt/test-support';
import { expect, test } from 'vitest';
import { MqttComponent } from '../src/index.ts';

test.each([
  [{ will: { topic: 'state', qos: 3 } }, 'must be 0, 1 or 2'],
  [{ sharedGroup: 'a/b' }, 'must not contain `+`, `#` or `/`'],
])('the options %j are a problem of the plan', async (config, problem) => {
  expect(await problemOf(MqttComponent, config as never)).toContain(problem);
});
