// `npm run api`: writes etc/<entry point>.api.md, the public names and types of every entry point, from the built types.
// `npm run api -- --check`: fails where a report differs from the built types, so that a changed API is a visible diff.
// Both fail if a signature uses a type that no entry point of the package exports; see forgotten.mjs.
// API Extractor reads declarations with the TypeScript that it brings; the compiler of the workspace has no API for it.

import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { forgottenExports, unusedExceptions } from './forgotten.mjs';

const root = join(import.meta.dirname, '../..');
const reportFolder = join(root, 'etc');
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const compilerOptions = {
  target: 'es2023',
  module: 'nodenext',
  moduleResolution: 'nodenext',
  strict: true,
  experimentalDecorators: true,
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
};
/** The report does not mark types without an export, because API Extractor knows one entry point at a time. */
const messageLevels = {
  compilerMessageReporting: { default: { logLevel: 'error' } },
  extractorMessageReporting: {
    default: { logLevel: 'none' },
    'ae-forgotten-export': { logLevel: 'warning' },
  },
  tsdocMessageReporting: { default: { logLevel: 'none' } },
};

mkdirSync(reportFolder, { recursive: true });
const reports = entryPoints();
const configs = reports.map(configure);
// One program for all of them: the types of core are read once.
const compilerState = CompilerState.create(configs[0], { additionalEntryPoints: reports.map(({ types }) => types) });
const messages = [];
const outcomes = configs.map((config, index) => report(reports[index].name, config));
const isComplete = removeStale(new Set(reports.map(({ name }) => `${name}.api.md`)));
const forgotten = [...forgottenExports(messages, exportedNames()), ...unusedExceptions(messages)];
for (const text of forgotten) console.error(text);
process.exitCode = isComplete && forgotten.length === 0 && outcomes.every(Boolean) ? 0 : 1;

/** Every entry point with types, of every package that is published. */
function entryPoints() {
  return readdirSync(join(root, 'packages')).flatMap((folder) => {
    const packageFolder = join(root, 'packages', folder);
    const {
      name,
      exports = {},
      private: isPrivate,
    } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
    if (isPrivate) return [];
    return Object.entries(exports)
      .filter(([, target]) => target.types !== undefined)
      .map(([path, { types }]) => ({
        name: `${name.replace('@asphalt/', '')}${path.slice(1).replaceAll('/', '-')}`,
        packageName: name,
        packageFolder,
        types: join(packageFolder, types),
      }));
  });
}

function configure({ name, packageFolder, types }) {
  return ExtractorConfig.prepare({
    configObjectFullPath: join(packageFolder, 'package.json'),
    packageJsonFullPath: join(packageFolder, 'package.json'),
    configObject: {
      projectFolder: packageFolder,
      newlineKind: 'lf',
      mainEntryPointFilePath: types,
      compiler: { overrideTsconfig: { compilerOptions, files: [types] } },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder,
        reportTempFolder: join(root, 'node_modules/.cache/api-report'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: messageLevels,
    },
  });
}

/** Writes or compares one report. @returns whether it is up to date and complete */
function report(name, config) {
  const { apiReportChanged, errorCount } = Extractor.invoke(config, {
    localBuild: !values.check,
    compilerState,
    messageCallback: (message) => {
      message.handled = true;
      if (message.messageId === 'ae-forgotten-export') messages.push({ name, message });
      if (message.logLevel === ExtractorLogLevel.Error) console.error(`${name}: ${message.text}`);
    },
  });
  if (values.check && apiReportChanged) console.error(`etc/${name}.api.md differs from the built types: npm run api`);
  return errorCount === 0 && !(values.check && apiReportChanged);
}

/** Returns the names that the entry points of each package export, by report. */
function exportedNames() {
  const byPackage = new Map(reports.map(({ packageName }) => [packageName, new Set()]));
  for (const { name, packageName } of reports) {
    const text = readFileSync(join(reportFolder, `${name}.api.md`), 'utf8');
    // API Extractor renames a declaration whose name is that of a global, such as `Cache`.
    const exports = /^export (?:(?:abstract |declare )*[a-z]+ (\w+)|\{ \w+ as (\w+) \})/gm;
    for (const [, declared, renamed] of text.matchAll(exports)) byPackage.get(packageName).add(declared ?? renamed);
  }
  return new Map(reports.map(({ name, packageName }) => [name, byPackage.get(packageName)]));
}

/** A report whose entry point is gone would promise names that no user can import. @returns whether there is none */
function removeStale(current) {
  const stale = readdirSync(reportFolder).filter((file) => file.endsWith('.api.md') && !current.has(file));
  for (const file of stale) {
    if (values.check) console.error(`etc/${file} belongs to no entry point: npm run api`);
    else rmSync(join(reportFolder, file));
  }
  return stale.length === 0 || !values.check;
}
