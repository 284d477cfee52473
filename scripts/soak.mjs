// `npm run test:soak -- pagewatch`: puts an application under load for some minutes and fails if it misses its target.
// Further arguments go to the application's own program: `npm run test:soak -- pagewatch --seconds 60 --clients 10`.
// `npm run test:soak -- built` compares random applications that are built with the same ones that are not; see
// `built-soak.mjs`.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { compareBuiltApplications } from './built-soak.mjs';
import { runSource } from './run-source.mjs';
import { fail, root, setup } from './setup.mjs';

const [name = '', ...args] = process.argv.slice(2);
const programOf = (app) => join(root, 'apps', app, 'test/soak/main.ts');
const names = readdirSync(join(root, 'apps')).filter((app) => existsSync(programOf(app)));
if (![...names, 'built'].includes(name)) fail(`Name one of these: ${[...names, 'built'].join(', ')}`);

await setup();
// The bundles contain the command and, like their applications, the packages of the workspace.
if (!(await build(name === 'built' ? [] : [`apps/${name}`])))
  fail('The build failed; see the messages of the compiler above.');

process.exitCode = name === 'built' ? await compareBuiltApplications(args) : await runSource(programOf(name), args);
