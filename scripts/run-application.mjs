/** Builds changed packages and runs an application of this checkout with the `asphalt` command. */

import { join, relative } from 'node:path';
import { build } from './build.mjs';
import { fail, root, run, say, setup } from './setup.mjs';

/**
 * @param folder - the folder of the application
 * @param packages - the folders of the packages that it uses
 * @param filesFor - returns the application's own files for arguments with and without file names
 */
export async function runApplication({ folder, packages, filesFor }) {
  await setup();

  // If everything is up to date, the build takes a fraction of a second and prints nothing.
  const announcement = setTimeout(say, 500, 'Building');
  if (!(await build(['packages/cli', ...packages, folder])))
    fail('The build failed; see the messages of the compiler above.');
  clearTimeout(announcement);

  // npm changes to the root of the checkout, but file names in arguments and messages are relative to the user's folder.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  const args = process.argv.slice(2);
  const namesFile = args.some((arg) => /^[^-=][^=]*\.(ya?ml|json5?|[cm]?[jt]s)$/.test(arg));
  const files = filesFor(namesFile).map((file) => relative(cwd, join(root, folder, file)));

  const asphalt = join(root, 'packages/cli/bin/asphalt.js');
  process.exitCode = await run(process.execPath, [asphalt, 'run', ...files, ...args], { cwd });
}
