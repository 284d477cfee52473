// `npm run test:crash -- leader`: kills and freezes leaders 1,000 times on all engines.
// Further arguments go to the program: `npm run test:crash -- leader --rounds 100 --engine redis --seed 7`.

import { join } from 'node:path';
import { runSource } from './run-source.mjs';
import { fail, root, setup } from './setup.mjs';

const programs = { leader: 'packages/messaging/test/crash/main.ts' };

const [name = '', ...args] = process.argv.slice(2);
if (!Object.hasOwn(programs, name)) fail(`Name one of these tests: ${Object.keys(programs).join(', ')}`);

await setup();
process.exitCode = await runSource(join(root, programs[name]), args);
