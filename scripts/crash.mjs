// `npm run test:crash`: kills the processes of the application `orders` 200 times under load.
// `npm run test:crash -- leader`: kills and freezes leaders 1,000 times on all engines.
// `npm run test:crash -- outage`: takes the broker away from applications for 10 seconds, on all engines.
// Further arguments go to the program: `npm run test:crash -- orders --kills 20 --seed 7`.

import { join } from 'node:path';
import { runSource } from './run-source.mjs';
import { fail, program, root, run, setup } from './setup.mjs';

const outages = ['nats', 'postgres', 'redis'].map((engine) => `packages/messaging/test/${engine}/outage.test.ts`);
const tests = {
  orders: (args) => runSource(join(root, 'apps/orders/test/crash/main.ts'), args),
  leader: (args) => runSource(join(root, 'packages/messaging/test/crash/main.ts'), args),
  outage: (args) =>
    run(program('vitest'), ['run', ...outages, '--maxWorkers=1', ...args], {
      env: { ...process.env, OUTAGE_MS: '10000' },
    }),
};

const [name = 'orders', ...args] = process.argv.slice(2);
if (!Object.hasOwn(tests, name)) fail(`Name one of these tests: ${Object.keys(tests).join(', ')}`);

await setup();
process.exitCode = await tests[name](args);
