// `npm run test:rolling`: restarts two servers behind a balancer 20 times under load, and fails if a request fails.
// Arguments go to the program: `npm run test:rolling -- --restarts 2 --requests 5000 --rate 200 --drain 1s`.

import { join } from 'node:path';
import { runSource } from './run-source.mjs';
import { root, setup } from './setup.mjs';

await setup();
process.exitCode = await runSource(join(root, 'packages/web/test/rolling/main.ts'), process.argv.slice(2));
