// `npm run test:crash`: kills the processes of the application `orders` 200 times under load.
// `npm run test:crash -- leader`: kills and freezes leaders 1,000 times on all engines.
// Further arguments go to the program: `npm run test:crash -- orders --kills 20 --seed 7`.

import { join } from 'node:path';
import { runSource } from './run-source.mjs';
import { fail, root, setup } from './setup.mjs';

const programs = {
  orders: 'apps/orders/test/crash/main.ts',
  leader: 'packages/messaging/test/crash/main.ts',
};

const [name = 'orders', ...args] = process.argv.slice(2);
if (!Object.hasOwn(programs, name)) fail(`Name one of these tests: ${Object.keys(programs).join(', ')}`);

await setup();
process.exitCode = await runSource(join(root, programs[name]), args);
