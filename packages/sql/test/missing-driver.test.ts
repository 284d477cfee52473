import { expect, test } from 'vitest';
import { startingWith } from './migrations/folder-of.ts';
import { runModule } from './other-process.ts';

/** Returns code after which a package cannot be found, as if it were not installed. */
function without(name: string): string {
  const hooks = `export async function resolve(specifier, context, next) {
    if (specifier !== ${JSON.stringify(name)}) return next(specifier, context);
    throw Object.assign(new Error("Cannot find package '" + specifier + "'"), { code: 'ERR_MODULE_NOT_FOUND' });
  }`;
  return `
    import { register } from 'node:module';
    register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)});
  `;
}

test.each([
  ['postgres://localhost/shop', 'pg'],
  ['mysql://localhost/shop', 'mysql2'],
])('the start with %s fails if %s is not installed, and shows the command', async (url, driver) => {
  const program = `${without(driver)}\n${startingWith({ url }).replace(/await startApplication\((.*)\);/, 'await startApplication($1).catch((error) => { console.log(error.cause.message); process.exit(3); });')}`;
  const { stdout, code } = await runModule(program).ended;
  expect(code).toBe(3);
  expect(stdout).toBe(
    `The driver \`${driver}\` cannot be loaded
  got          Cannot find package '${driver}' (ERR_MODULE_NOT_FOUND)
  help         install it: npm install ${driver}
  code         ERR_SQL_DRIVER
`,
  );
});
