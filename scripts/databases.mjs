// `npm run test:databases`: runs all tests of Pagewatch, with those in a browser, on SQLite, PostgreSQL and MariaDB.
// `npm run test:databases -- mariadb -t commit` selects a database, and further arguments go to vitest.

import { build } from './build.mjs';
import { fail, program, say, seconds, setup, succeeds } from './setup.mjs';
import { findBrowser, prepareSystemPrograms } from './system-programs.mjs';

const databases = ['sqlite', 'postgres', 'mariadb'];
const args = process.argv.slice(2);
const named = args.filter((argument) => databases.includes(argument));
const options = args.filter((argument) => !databases.includes(argument));

await setup();
prepareSystemPrograms();
if (!(await build(['apps/pagewatch']))) fail('The build failed; see the messages of the compiler above.');
const browser = findBrowser();
if (browser) process.env.CHROMIUM_PATH = browser;

const lines = [];
for (const database of named.length > 0 ? named : databases) {
  say(`\n── ${database}`);
  const started = Date.now();
  const env = { ...process.env, PAGEWATCH_DATABASE: database };
  const ok = await succeeds(program('vitest'), ['run', 'apps/pagewatch', ...options], { env });
  if (!ok) process.exitCode = 1;
  lines.push(`${database.padEnd(10)}${(ok ? 'ok' : 'failed').padEnd(8)}${seconds(started).padStart(7)}`);
}
say(`\n${lines.join('\n')}`);
