/** A program for tests: loads each file of a folder as a configuration and prints the result as JSON. */
import { readdirSync } from 'node:fs';
import { loadConfig } from '@asphalt/core/config';

const [, , cwd = '.'] = process.argv;
for (const file of readdirSync(cwd)) {
  const outcome = await loadConfig({ files: [file], cwd, env: {} }).then(
    () => 'loaded',
    (error: Error) => error.message,
  );
  process.stdout.write(`${JSON.stringify([file, outcome])}\n`);
}
