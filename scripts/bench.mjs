// `npm run bench`: builds the benchmarks and the packages they measure, and runs all of them, which takes about half an
// hour. `npm run bench -- lookup signal --json figures.json` runs some.
// `npm run bench -- --against ../before` compares Asphalt in this checkout with Asphalt in another one.

import { join } from 'node:path';
import { build } from './build.mjs';
import { fail, root, run, setup } from './setup.mjs';

await setup();
if (!(await build(['apps/bench']))) fail('The build failed; see the messages of the compiler above.');

// npm changes to the root of the checkout, but the user's file names are relative to their own folder.
const cwd = process.env.INIT_CWD ?? process.cwd();
const main = join(root, 'apps/bench/dist/main.js');
process.exitCode = await run(process.execPath, [main, ...process.argv.slice(2)], { cwd });
