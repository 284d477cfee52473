// `npm start`: builds what changed and runs the flagship application with the `asphalt` command, on its demo site
// unless other configuration is named: `npm start -- my.yaml --set component.components.web.port=8080`.
// package.json starts this with `exec`: the shell that npm runs scripts in would die of the signals meant for us.

import { join, relative } from 'node:path';
import { build } from './build.mjs';
import { fail, root, run, say, setup } from './setup.mjs';

const parts = ['packages/cli', 'packages/web', 'packages/sql', 'packages/mailer', 'apps/pagewatch'];

await setup();

// Up to date, the compiler sees that in a fraction of a second, and then there is nothing to announce.
const announcement = setTimeout(say, 500, 'Building');
if (!(await build(parts))) fail('The build failed: what the compiler said stands above.');
clearTimeout(announcement);

// npm changes to the checkout; file names are meant, and messages are read, from where the user is.
const cwd = process.env.INIT_CWD ?? process.cwd();
const own = (file) => relative(cwd, join(root, 'apps/pagewatch', file));
const args = process.argv.slice(2);
const namesFile = args.some((arg) => /^[^-=][^=]*\.(ya?ml|json5?|[cm]?[jt]s)$/.test(arg));
const files = namesFile ? [own('asphalt.yaml')] : [own('asphalt.yaml'), own('demo.yaml')];

const asphalt = join(root, 'packages/cli/bin/asphalt.js');
process.exitCode = await run(process.execPath, [asphalt, 'run', ...files, ...args], { cwd });
