import { problemOf } from '@asphalt/test-support';
import { expect, test } from 'vitest';
import { AmqpComponent } from '../src/index.ts';

test('a virtual host in the URL and as an option is a problem of the plan', async () => {
  const problem = await problemOf(AmqpComponent, { url: 'amqp://broker/orders', vhost: 'mails' } as never);
  expect(problem).toContain('must not be set together with a `url` that contains it');
});
