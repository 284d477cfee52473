// `npm run test:soak -- built`: compares thousands of random applications that are built with the same ones that are not,
// in at most 30 minutes. It runs the tests in packages/cli/test/equivalence with more applications. A failure prints the
// description of the application, and the seed that repeats it.
// `npm run test:soak -- built --seed 7 --applications 500 --bundles 0` selects other ones.

import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { program, run, say } from './setup.mjs';

const folder = 'packages/cli/test/equivalence';
/** The options of vitest: the two tests run at the same time. */
const options = ['--maxWorkers=2', '--reporter=verbose'];

/** @returns the exit code of the tests */
export function compareBuiltApplications(args) {
  const { values } = parseArgs({
    args,
    options: {
      applications: { type: 'string', default: '10000' },
      bundles: { type: 'string', default: '200' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    },
  });
  const { applications, bundles, seed } = values;
  say(`Comparing ${applications} applications in one process and ${bundles} as bundles, with --seed ${seed}`);
  const tests = [applications !== '0' && 'table-reader', bundles !== '0' && 'bundles'].filter(Boolean);
  const files = tests.map((name) => `${folder}/${name}.test.ts`);
  const selection = { SOAK_APPLICATIONS: applications, SOAK_BUNDLES: bundles, SOAK_SEED: seed };
  return run(program('vitest'), ['run', ...options, ...files], { env: { ...process.env, ...selection } });
}
