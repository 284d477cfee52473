// `npm run house`: measures the structure of the code base and fails if a measure is above its limit. Lower a limit with
// every change that lowers the measure; never raise it.
// `npm run house -- --list` also prints the counted places.
// `npm run house -- --names` only prints the names that the vocabulary has replaced, and fails if it finds one.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { compressedSize, filesLoadedWith } from './house/bundle-size.mjs';
import { importCycles, mutualFolders } from './house/cycles.mjs';
import { oldNamesIn } from './house/names.mjs';
import { ownLines } from './house/own-lines.mjs';
import { readSources } from './house/sources.mjs';
import { root, say, setup } from './setup.mjs';

/** Measures everything. @returns rows of name, value, limit and the counted places */
export function measureHouse() {
  const packages = sourcesOf('packages');
  const apps = sourcesOf('apps');
  const core = readSources('packages/core/src');
  const cli = readSources('packages/cli/src');
  const coreTests = [...readSources('packages/core/test').values()].filter(({ path }) => path.endsWith('.test.ts'));
  const lengths = [...core.values()].map(({ path, lines }) => ({ path, lines })).sort((a, b) => b.lines - a.lines);
  return [
    ...entryPoints().map(({ name, file, limit }) => {
      const names = packages.get(file).exportedNames;
      return row(`names exported by ${name}`, names, limit);
    }),
    { name: 'lines of the longest file of core', value: lengths[0].lines, limit: 300, places: [lengths[0].path] },
    // The length of an entry point is only its number of names.
    row('files of core under 30 lines', shorterThan(lengths, 30).filter(isNoEntryPoint), 13),
    row('import cycles in packages, types included', importCycles(packages), 0),
    row('import cycles in apps, types included', importCycles(apps), 0),
    row('folder pairs of core that import each other', mutualFolders(core), 0),
    row('folder pairs of cli that import each other', mutualFolders(cli), 0),
    row('files directly in cli/src', directlyIn('packages/cli/src'), 1),
    row('host interfaces', each(packages, 'hostInterfaces'), 0),
    row('module-level mutable variables of core', each(core, 'mutableVariables'), 1),
    row('old names, see --names', oldNamesInPackages(), 0),
    row('test files of core that import from src', coreTests.filter(importsSources), 18),
    ...integrations(),
    ...bundles(),
  ];
}

/** Prints the table. @returns whether every measure is within its limit */
export function checkHouse({ list = false } = {}) {
  const rows = measureHouse();
  say(`${'house'.padEnd(48)}${'value'.padStart(6)}${'limit'.padStart(7)}`);
  for (const { name, value, limit, places } of rows) {
    const verdict =
      value > limit ? '  above its limit' : value < limit && limit !== Infinity ? '  lower the limit' : '';
    say(
      `${name.padEnd(48)}${String(value).padStart(6)}${(limit === Infinity ? 'none' : String(limit)).padStart(7)}${verdict}`,
    );
    if (list || value > limit) for (const place of places) say(`    ${place}`);
  }
  return rows.every(({ value, limit }) => value <= limit);
}

/** Prints the old names that packages declare in their sources and tests. @returns whether no package declares one */
export function checkNames() {
  const found = oldNamesInPackages();
  for (const name of found) say(name);
  say(`${found.length} old names`);
  return found.length === 0;
}

/**
 * Measures the bundle of core; nothing before the first build. Unlike the other limits, this one may rise with features:
 * most of it is the text of messages.
 */
function bundles() {
  const places = filesLoadedWith('packages/core/dist/index.js');
  if (places.length === 0) return [];
  return [{ name: 'KiB of the bundle of core, gzipped', value: compressedSize(places), limit: 91, places }];
}

/** Counts the own lines of integrations. The goal is 200; decisions 0118, 0130 and 0131 explain the larger ones. */
function integrations() {
  const limits = { amqp: 347, cache: 387, mqtt: 337, nats: 591, redis: 139 };
  return Object.entries(limits).map(([folder, limit]) => {
    const files = ownLines(`packages/${folder}/src`);
    return {
      name: `own lines of @asphalt/${folder}`,
      value: files.reduce((sum, { lines }) => sum + lines, 0),
      limit,
      places: files.map(({ path, lines }) => `${path}: ${lines}`),
    };
  });
}

function oldNamesInPackages() {
  const sources = ['src', 'test'].flatMap((folder) => [...sourcesOf('packages', folder).values()]);
  return sources.flatMap((source) => oldNamesIn(source));
}

/** Returns the entry points of all public packages, each with its limit of exported names. */
function entryPoints() {
  // `/errors` has no limit: every class there is in the reference of errors.
  const limits = { '@asphalt/core': 110, '@asphalt/integration': 49, '@asphalt/core/errors': Infinity };
  return readdirSync(join(root, 'packages')).flatMap((folder) => {
    const { name, exports = {}, private: isPrivate } = readManifest(folder);
    if (isPrivate) return [];
    return Object.entries(exports)
      .filter(([, target]) => target.source !== undefined)
      .map(([path, { source }]) => {
        const id = join(name, path);
        return { name: id, file: join('packages', folder, source), limit: limits[id] ?? 45 };
      });
  });
}

function readManifest(folder) {
  return JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8'));
}

/** Returns the sources, or the files of another folder, of all packages in a folder of the workspace. */
function sourcesOf(group, folder = 'src') {
  return new Map(readdirSync(join(root, group)).flatMap((name) => [...readSources(join(group, name, folder))]));
}

function row(name, places, limit) {
  return { name, value: places.length, limit, places: places.map((place) => place.path ?? String(place)) };
}

function shorterThan(lengths, lines) {
  return lengths.filter((file) => file.lines < lines);
}

function isNoEntryPoint({ path }) {
  return !path.startsWith('packages/core/src/entry/');
}

function directlyIn(folder) {
  return readdirSync(join(root, folder)).filter((name) => name.endsWith('.ts'));
}

function each(sources, property) {
  return [...sources.values()].flatMap((source) => source[property].map((name) => `${source.path}: ${name}`));
}

function importsSources({ imports }) {
  return imports.some((path) => path.startsWith('packages/core/src/') && !path.startsWith('packages/core/src/entry/'));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({ options: { list: { type: 'boolean' }, names: { type: 'boolean' } } });
  await setup();
  process.exitCode = (values.names ? checkNames() : checkHouse(values)) ? 0 : 1;
}
