import { requireBuild } from '@asphalt/test-support/build';
import { seededRandom } from '@asphalt/test-support/processes';
import { unavailable } from '@asphalt/testing/servers';
import { beforeAll, describe, expect, test } from 'vitest';
import { crashOrders } from './crash-orders.ts';

const missing = unavailable('postgres') || unavailable('nats');

describe.skipIf(missing)(`${missing || 'the application on PostgreSQL and NATS'}`, () => {
  beforeAll(() => requireBuild('packages/cli', 'apps/orders'));

  test(
    'loses no order, charges none twice and mails each while its processes are killed',
    { timeout: 300_000 },
    async () => {
      const load = { engine: 'nats', webs: 0, workers: 2, clients: 1, pauseMs: 250, random: seededRandom(7) };
      const crash = await crashOrders({ ...load, kills: 10 });
      expect(crash).toMatchObject({
        kills: 10,
        lost: [],
        unknown: [],
        chargedTwice: [],
        notCharged: [],
        notMailed: [],
        doubles: [],
      });
      expect(crash.orders).toBeGreaterThanOrEqual(50);
    },
  );
});
