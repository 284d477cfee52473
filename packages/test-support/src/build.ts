import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { staleBundles } from '../../../scripts/build.mjs';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** Throws if the build of these packages, such as `packages/cli`, is older than their sources. `npm test` has just built them. */
export function requireBuild(...packages: readonly string[]): void {
  if (process.env['FRESH_BUILD'] === 'true') return;
  const tsc = join(repository, 'node_modules/.bin/tsc');
  const plan = execFileSync(tsc, ['--build', '--dry', ...packages], { encoding: 'utf8', cwd: repository });
  if (plan.includes('would build') || staleBundles().length > 0)
    throw new Error('The build is older than the sources: npm run build');
}
