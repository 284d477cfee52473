// `npm run bench`: builds the benchmarks with everything that they measure, and runs them: all of them, which takes
// about twenty minutes, or some: `npm run bench -- lookup signal --json figures.json`.

import { join } from 'node:path';
import { build } from './build.mjs';
import { fail, root, run, setup } from './setup.mjs';

await setup();
if (!(await build(['apps/bench']))) fail('The build failed: what the compiler said stands above.');

// npm changes to the checkout; file names are meant from where the user is.
const cwd = process.env.INIT_CWD ?? process.cwd();
const main = join(root, 'apps/bench/dist/main.js');
process.exitCode = await run(process.execPath, [main, ...process.argv.slice(2)], { cwd });
