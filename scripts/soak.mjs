// `npm run test:soak -- pagewatch`: puts an application under load for some minutes and fails if it misses its target.
// Further arguments go to the application's own program: `npm run test:soak -- pagewatch --seconds 60 --clients 10`.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { runSource } from './run-source.mjs';
import { fail, root, setup } from './setup.mjs';

const [name = '', ...args] = process.argv.slice(2);
const programOf = (app) => join(root, 'apps', app, 'test/soak/main.ts');
const names = readdirSync(join(root, 'apps')).filter((app) => existsSync(programOf(app)));
if (!names.includes(name)) fail(`Name one of these applications: ${names.join(', ')}`);

await setup();
if (!(await build([`apps/${name}`]))) fail('The build failed; see the messages of the compiler above.');

process.exitCode = await runSource(programOf(name), args);
