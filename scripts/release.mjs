// `npm run release`: publishes the packages that are newer than their published versions, after every check has passed.
// `npm run release -- --dry-run` prints the missing fields and packs the packages without publishing them.
// It refuses to publish manifests without the repository, because a reader of the registry's page could find neither the
// sources nor the address for vulnerability reports.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { publicPackages } from './packages/pack.mjs';
import { fail, root, say, setup, succeeds } from './setup.mjs';

const requiredFields = ['repository', 'homepage', 'bugs'];

const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } });
const isDryRun = values['dry-run'];

await setup();
const packages = publicPackages();
const missing = packages.flatMap(missingFields);
for (const line of missing) say(line);
if (!isDryRun) {
  if (missing.length > 0) fail('Nothing was published: add the missing fields to the manifests.');
  if (hasUncommittedChanges()) fail('Nothing was published: the checkout has uncommitted changes.');
  if (pendingChangesets().length > 0) fail('Nothing was published: run `npx changeset version` and commit its result.');
  if (!(await succeeds('bash', ['.ci/run']))) fail('Nothing was published: a check failed.');
}
const pnpm = ['--yes', JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager];
const filter = packages.flatMap(({ name }) => ['--filter', name]);
const done = isDryRun
  ? (await build()) && (await pack())
  : await succeeds('npx', [...pnpm, ...filter, 'publish', '--access', 'public']);
process.exitCode = done ? 0 : 1;

async function pack() {
  const folder = mkdtempSync(join(tmpdir(), 'asphalt-'));
  try {
    const packed = await succeeds('npx', [
      ...pnpm,
      ...filter,
      'pack',
      '--reporter=silent',
      '--pack-destination',
      folder,
    ]);
    for (const tarball of readdirSync(folder)) say(`${tarball}: ${statSync(join(folder, tarball)).size} bytes`);
    return packed;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function missingFields(manifest) {
  const absent = requiredFields.filter((field) => manifest[field] === undefined);
  return absent.length === 0 ? [] : [`${manifest.name}: package.json has no ${absent.join(', ')}`];
}

function pendingChangesets() {
  return readdirSync(join(root, '.changeset')).filter((name) => name.endsWith('.md') && name !== 'README.md');
}

function hasUncommittedChanges() {
  return execFileSync('git', ['status', '--porcelain'], { cwd: root }).length > 0;
}
