// `npm start`: builds changed packages and runs Pagewatch with the `asphalt` command. It watches the demo site unless you
// name other files: `npm start -- my.yaml --set component.components.web.port=8080`.
// package.json runs this with `exec`, because signals would otherwise end npm's shell instead of this process.

import { join, relative } from 'node:path';
import { build } from './build.mjs';
import { fail, root, run, say, setup } from './setup.mjs';

const parts = ['packages/cli', 'packages/web', 'packages/sql', 'packages/mailer', 'apps/pagewatch'];

await setup();

// If everything is up to date, the build takes a fraction of a second and prints nothing.
const announcement = setTimeout(say, 500, 'Building');
if (!(await build(parts))) fail('The build failed; see the messages of the compiler above.');
clearTimeout(announcement);

// npm changes to the root of the checkout, but file names in arguments and messages are relative to the user's folder.
const cwd = process.env.INIT_CWD ?? process.cwd();
const own = (file) => relative(cwd, join(root, 'apps/pagewatch', file));
const args = process.argv.slice(2);
const namesFile = args.some((arg) => /^[^-=][^=]*\.(ya?ml|json5?|[cm]?[jt]s)$/.test(arg));
const files = namesFile ? [own('asphalt.yaml')] : [own('asphalt.yaml'), own('demo.yaml')];

const asphalt = join(root, 'packages/cli/bin/asphalt.js');
process.exitCode = await run(process.execPath, [asphalt, 'run', ...files, ...args], { cwd });
